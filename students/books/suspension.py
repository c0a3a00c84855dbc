"""The papers of 休学, 复学 and 缓学: the application to the bureau, and what the school itself certifies."""

from collections.abc import Collection, Mapping, Sequence

from kongchuo import dates
from kongchuo.sheets import Box, Form
from schools.books import Asked
from students.books import boxes, facts
from students.books.boxes import Fields, Row, caption, cut, section, text, ticks
from students.books.moves import Move
from students.books.single import of_change
from students.changes import ILLNESSES
from students.codes import Change, ChangeReason
from students.models import Resident

R = ChangeReason
REASONS: dict[str, Collection[str]] = {
    "伤病": ILLNESSES,
    "出国(境)": frozenset({R.LEFT_COUNTRY}),
    "羁押": frozenset({R.DETENTION}),
    "其他": frozenset(R.values) - ILLNESSES - {R.LEFT_COUNTRY, R.DETENTION},
}
"""原因 as the form has it. What illness it is stands in the diagnosis, not on the form."""
_ALL_KINDS = ("休学", "续休", "复学", "缓学")
_PROOFS = "□县级以上医院诊断证明（写明建议休学）　□病历　□住院或收费票据　□法律文书　□护照签证　□其他"
_RECOVERY = "□康复证明　□其他"
_NO_EXEMPTION = "过去的表上有「免学」一栏：现行义务教育法第11条只规定延缓入学、休学，没有免学，本表不设。"
BACK = (Change.RESUMPTION, Change.BACK_FROM_ABROAD)


def reason_of(move: Move) -> str:
    """原因 in the form's few words."""
    return next((words for words, codes in REASONS.items() if move.change.reason in codes), "")


# --- 申请表 ----------------------------------------------------------------------------------------------------
def suspension(asked: Asked) -> Sequence[Form]:
    """《中小学生休学（续休）申请表》."""

    def draw(asked: Asked, move: Move | None) -> Form:
        kind = "" if move is None else "续休" if move.is_extension else "休学"
        return _application(asked, "中小学生休学（续休）申请表", kind, move, _PROOFS, boxes.declaration("休学"))

    return of_change(asked, (Change.SUSPENSION,), draw)


def resumption(asked: Asked) -> Sequence[Form]:
    """《中小学生复学申请表》."""

    def draw(asked: Asked, move: Move | None) -> Form:
        signed = (caption("监护人签字"), Box(boxes.SIGNED_LINE, span=23, height=1.2))
        return _application(asked, "中小学生复学申请表", "复学", move, _RECOVERY, signed)

    return of_change(asked, BACK, draw)


def deferral(asked: Asked) -> Sequence[Form]:
    """《缓学申请表》 of a child of the survey, to the township or the county bureau (义务教育法 11条)."""
    if asked.about is None:
        return [_deferral(asked, None)]
    seen = Resident.objects.visible_to(asked.user).filter(household__school=asked.school, pk=asked.about)
    return [_deferral(asked, child) for child in seen.select_related("household__school").prefetch_related("papers")]


def _deferral(asked: Asked, child: Resident | None) -> Form:
    known = facts.of_resident(child) if child else {}
    signed = (caption("监护人签字"), Box(boxes.SIGNED_LINE, span=23, height=1.2))
    proofs = _PROOFS.replace("休学", "缓学")
    return _form(
        asked, "适龄儿童缓学申请表", "缓学", known, child.name if child else "", "", proofs, signed,
        ("适龄儿童因身体状况需要延缓入学的，由监护人申请，当地乡镇人民政府或者县级教育行政部门批准（义务教育法第11条）。",),
    )  # fmt: skip


def _application(asked: Asked, title: str, kind: str, move: Move | None, proofs: str, signed: Row) -> Form:
    known = facts.of_move(move) if move else {}
    chosen = move.change.reason if move else ""
    return _form(asked, title, kind, known, move.student.name if move else "", chosen, proofs, signed, ())


def _form(
    asked: Asked, title: str, kind: str, known: Mapping, name: str, reason: str, proofs: str, signed: Row,
    notes: Sequence[str],
) -> Form:  # fmt: skip
    """The one form that the counties use for all of them, each with its own kind ticked."""
    fields = Fields(known)
    papers = known.get("证明材料清单", ("",))[0] or proofs
    return boxes.form(
        asked,
        title,
        (
            (*fields.ask("学生姓名", 5, 9, "姓名"), *fields.ask("性别", 3, 2), *fields.ask("出生日期", 4, 5, "出生")),
            (*fields.ask("学籍号", 5, 9), *fields.ask("身份证号", 4, 10, "身份证")),
            fields.line("学校年级班"),
            fields.line("现住址", "住址"),
            (*fields.ask("监护人", 5, 9), *fields.ask("电话", 4, 10)),
            (caption("申请类别"), Box(ticks({word: (word,) for word in _ALL_KINDS}, kind), span=23)),
            (caption("原因"), Box(ticks(REASONS, reason), span=23)),
            fields.line("起止日期"),
            (caption("附件"), Box(papers, span=23, height=1.4)),
            signed,
            *boxes.opinions("班主任意见", "学校意见", height=2.7),
            *boxes.opinions("乡镇政府意见", "县级教育行政部门意见", height=2.7),
            (*fields.ask("办理日期", 7, 7, "学籍系统办理日期"), *fields.ask("经办人", 4, 10)),
        ),
        name=name,
        notes=(*notes, "乡镇政府意见只在缓学时填写。", _NO_EXEMPTION),
    )  # fmt: skip


# --- 休学证明, 复学通知单 ----------------------------------------------------------------------------------------
def certificate(asked: Asked) -> Sequence[Form]:
    """《休学证明》: the school keeps the place (学籍) while the pupil is away."""
    return of_change(asked, (Change.SUSPENSION,), _certificate)


def _certificate(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    until = move.change.until if move else None
    back = dates.chinese(until) if until else boxes.BLANK_DAY
    reason = reason_of(move) if move else ""
    because = f"因{reason}，" if reason and reason != "其他" else ""
    span = facts.span_words(move) if move else f"自{boxes.BLANK_DAY}起至{boxes.BLANK_DAY}"
    words = (
        f"　　学生{_name(move)}，系我校{move.classroom if move else _BLANK}学生。"
        f"{because}经监护人申请、学校审核同意，报学籍主管部门核办，{span}休学。"
        f"休学期间学籍保留在我校。请在{back}期满时到校办理复学；需要继续休学的，请在期满前办理续休。"
    )
    return _two_parts(
        asked, "休学证明", move, fields, words, ("第一联　存根（学校存档）", "第二联　休学证明（交监护人）")
    )


def notice(asked: Asked) -> Sequence[Form]:
    """《复学通知单》 to the class, with its stub."""
    return of_change(asked, BACK, _notice)


def _notice(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    on = dates.chinese(move.change.on) if move else boxes.BLANK_DAY
    words = (
        f"　　学生{_name(move)}复学申请已经学校审核同意，自{on}起复学，编入{move.new_class if move else _BLANK}就读。"
        "请班主任安排座位和课本，当天起列入点名。"
    )
    return _two_parts(
        asked, "复学通知单", move, fields, words, ("第一联　存根（学校存档）", "第二联　通知（交班主任）")
    )


_BLANK = "　　　　　"


def _name(move: Move | None) -> str:
    return move.student.name if move else _BLANK


def _two_parts(asked: Asked, title: str, move: Move | None, fields: Fields, words: str, parts: tuple[str, str]) -> Form:
    who: Row = (*fields.ask("学生姓名", 5, 9), *fields.ask("性别", 3, 2), *fields.ask("出生日期", 4, 5))
    number: Row = (*fields.ask("学籍号", 5, 12), *fields.ask("经办人", 4, 7))
    day = dates.chinese(dates.today()) if move else boxes.BLANK_DAY
    return boxes.form(
        asked,
        title,
        (
            *(section(parts[0]), who, number, text(words, 2.4)),
            boxes.signed("领取人签字：　　　　　　　　　　　　年　　月　　日"),
            cut(),
            *(section(parts[1]), who, number, text(words, 2.8)),
            boxes.signed(f"{asked.school.name}（章）\n{day}", 2.6),
        ),
        name=move.student.name if move else "",
        number=move.change.document_no if move else "",
    )
