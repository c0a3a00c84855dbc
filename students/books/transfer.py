"""The papers of a transfer: application, letter between the schools, certificate in three parts, proof, checklist."""

from collections.abc import Sequence

from kongchuo import dates
from kongchuo.sheets import Box, Form
from schools.books import Asked
from schools.policy import rules_on
from students.books import boxes, facts
from students.books.boxes import Fields, Row, caption, cut, section, text, ticks
from students.books.moves import Move
from students.books.single import of_change
from students.changes import TRANSFER_PARTIES, wants_central
from students.codes import Change, ChangeReason

R = ChangeReason
REASONS: dict[str, frozenset[str]] = {
    "迁居": frozenset({R.MOVED}),
    "工作调动": frozenset(),
    "随迁": frozenset({R.PARENTS_WORK}),
    "购房": frozenset({R.HOUSE}),
    "特校互转": frozenset({R.SPECIAL_NEEDS}),
    "其他": frozenset(R.values) - {R.MOVED, R.PARENTS_WORK, R.HOUSE, R.SPECIAL_NEEDS},
}
"""转学原因 as the form has it, with the codes that each stands for."""
STEP = "transfer_step_within"
TRANSFERS = (Change.TRANSFER_IN, Change.TRANSFER_OUT)
AWAY = (Change.BOARD_OUT, Change.TRANSFER_OUT)


def application(asked: Asked) -> Sequence[Form]:
    """《中小学生转学申请表》: seals in the order 转入校, 转入局, 转出校, 转出局 (教基〔2025〕1号 15条)."""
    return of_change(asked, TRANSFERS, _application)


def _application(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    reason = ticks(REASONS, move.change.reason if move else "")
    why = f"{reason}\n说明：{move.change.note}" if move and move.change.note else reason
    seals = [f"{'①②③④'[place]}{party.label}意见" for place, party in enumerate(TRANSFER_PARTIES)]
    rules = rules_on(asked.school, asked.on)
    within = rules.span(STEP)
    approval = boxes.opinions("中心校审批意见", height=1.8) if wants_central(rules) else ()
    return boxes.form(
        asked,
        "中小学生转学申请表",
        (
            *pupil(fields),
            *side(fields, "转出学校"),
            *side(fields, "转入学校"),
            (caption("转学原因"), Box(why, boxes.Kind.PHONE, 23, height=1.0)),
            fields.line("证明材料清单", height=1.2),
            boxes.declaration("转学"),
            *approval,
            *boxes.opinions(*seals),
        ),
        name=move.student.name if move else "",
        notes=(f"盖章次序：①②③④，每个环节{within}内核办（{rules.basis(STEP)}）。",),
    )


def pupil(fields: Fields) -> tuple[Row, ...]:
    """Who it is, as transfer papers ask."""
    return (
        (*fields.ask("学生姓名", 5, 9), *fields.ask("性别", 3, 2), *fields.ask("出生日期", 4, 5)),
        (*fields.ask("身份证号", 5, 9), *fields.ask("学籍号", 4, 10)),
        fields.line("户籍地"),
        fields.line("现住址"),
        (*fields.ask("监护人", 5, 9), *fields.ask("电话", 4, 10)),
    )


def side(fields: Fields, name: str) -> tuple[Row, ...]:
    """One of the two schools, with its code and the pupil's class there."""
    return (
        fields.line(name),
        (*fields.ask(f"{name}标识码", 5, 9, "标识码"), *fields.ask(f"{name}年级班级", 4, 10, "年级班级")),
    )


# --- 转学联系函 ------------------------------------------------------------------------------------------------
def letter(asked: Asked) -> Sequence[Form]:
    """《转学联系函》 to the other school, with the pupil's facts."""
    return of_change(asked, TRANSFERS, _letter)


def _letter(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    ours, rows = asked.school, pupil(fields)
    leaving = move is not None and move.change.kind == Change.TRANSFER_OUT
    to = move.change.other_school if move else ""
    return boxes.form(
        asked,
        "转学联系函",
        (
            text(f"{to or '　　　　　　　　　　'}：\n　　{_request(move, leaving)}", 2.6),
            *rows,
            *side(fields, "转出学校"),
            *side(fields, "转入学校"),
            fields.line("证明材料清单", height=1.2),
            (*fields.ask("经办人", 5, 9, "联系人"), caption("电话", 4), Box(ours.phone, span=10)),
            boxes.signed(f"{ours.name}（章）\n{_today(move)}", 2.6),
            cut(),
            section("回　　执"),
            text(f"{ours.name}：\n　　来函收悉。关于学生{_name(move)}转学一事，意见如下：\n\n\n", 2.6),
            boxes.signed("（章）　　　　年　　月　　日", 1.8),
        ),
        name=move.student.name if move else "",
        number=move.change.document_no if move else "",
    )  # fmt: skip


def _request(move: Move | None, leaving: bool) -> str:
    name, reason = _name(move), _because(move)
    if leaving:
        return (
            f"兹有我校学生{name}{reason}申请转入贵校就读。请予接收，在全国中小学生学籍信息管理系统中启动转学，"
            "并在学生到校后将接收回执退回我校。"
        )
    return (
        f"兹有贵校学生{name}{reason}申请转入我校就读，经审核，我校同意接收。请协助办理转学手续，"
        "移交学籍档案；如有不符，请函复我校。"
    )


def _name(move: Move | None) -> str:
    return move.student.name if move else "　　　　　"


def _because(move: Move | None) -> str:
    return f"因{move.reason}，" if move and move.change.reason not in ("", R.OTHER) else "，"


def _today(move: Move | None) -> str:
    return dates.chinese(dates.today()) if move else boxes.BLANK_DAY


# --- 转学证明 --------------------------------------------------------------------------------------------------
def certificate(asked: Asked) -> Sequence[Form]:
    """《转学证明》 in three parts on one page: 存根, 证明, 接收回执. Every 转出 needs its receipt or another proof."""
    return of_change(asked, (Change.TRANSFER_OUT,), _certificate)


def _certificate(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    school, change = asked.school.name, move.change if move else None
    to = (change.other_school if change else "") or "　　　　　　　　　　"
    left = dates.chinese(change.on) if change else boxes.BLANK_DAY
    classroom = move.classroom if move else "　　　　　"
    numbers: Row = (*fields.ask("身份证号", 5, 9), *fields.ask("学籍号", 4, 10))
    who: Row = (*fields.ask("学生姓名", 5, 9), *fields.ask("性别", 3, 2), *fields.ask("出生日期", 4, 5))
    stub: Row = (*fields.ask("监护人", 5, 9), *fields.ask("电话", 4, 10))
    return boxes.form(
        asked,
        "转学证明",
        (
            section("第一联　存根（转出学校存档）"),
            who,
            numbers,
            stub,
            text(f"原年级班：{classroom}　　转往：{to}　　离校日期：{left}"),
            (*fields.ask("经办人", 5, 9), *boxes.room("领取人签字")),
            cut(),
            section("第二联　证明（交接收学校）"),
            text(f"{to}：\n　　兹有学生{_name(move)}，系我校{classroom}学生，{_because(move).lstrip('，')}于{left}"
                 "申请转入贵校就读，请予接收，并将第三联退回我校。", 1.8),
            who,
            numbers,
            boxes.signed(f"{school}（章）\n{_today(move)}", 2.2),
            cut(),
            section("第三联　接收回执（接收学校填写后退回）"),
            text(f"{school}：\n　　贵校转来学生{_name(move)}，已于　　　　年　　月　　日到我校　　　年级　　　班"
                 "报到就读，特此回执。", 1.6),
            (*boxes.room("接收学校"), *boxes.room("学校标识码")),
            (*boxes.room("经办人"), *boxes.room("联系电话")),
            boxes.signed("接收学校（章）　　　　年　　月　　日", 2.0),
        ),
        name=move.student.name if move else "",
        number=(change.document_no if change else "") or f"　　〔{dates.today().year}〕　　号",
    )  # fmt: skip


# --- 在外就读证明 ----------------------------------------------------------------------------------------------
def elsewhere(asked: Asked) -> Sequence[Form]:
    """《在外就读证明》 (本在外), to be filled in and sealed by the school where the child learns."""
    return of_change(asked, AWAY, _elsewhere)


def _elsewhere(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    return boxes.form(
        asked,
        "在外就读证明",
        (
            text(f"{asked.school.name}：\n　　兹证明下列学生现在我校就读。", 1.6),
            (*fields.ask("学生姓名", 5, 9, "姓名"), *fields.ask("身份证号", 5, 9, "身份证")),
            fields.line("户籍地", "户籍"),
            fields.line("对方学校", "就读学校全称", 1.2),
            (*boxes.room("年级班级", height=1.2), *fields.ask("异动日期", 5, 9, "起始时间", 1.2)),
            (caption("学校章"), Box(boxes.SEALED_BY, span=23, align=boxes.Align.CENTER, height=5.0)),
            (*boxes.room("经办人", height=1.2), *boxes.room("经办人电话", height=1.2)),
        ),
        name=move.student.name if move else "",
        notes=("由就读学校填写盖章后交回学籍学校。请写学校全称，年级和班级写到班。",),
    )  # fmt: skip
