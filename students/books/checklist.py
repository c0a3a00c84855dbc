"""《转入接收核对单》: what must be in before a transfer is finished. 转学手续不全的，学校无权接收."""

from collections.abc import Sequence

from kongchuo.sheets import Align, Box, Form, Kind
from schools.books import Asked
from students.books import boxes, facts
from students.books.boxes import Fields, Row, caption, section
from students.books.moves import Move
from students.books.single import of_change
from students.books.transfer import pupil, side
from students.changes import KINDS
from students.codes import Change
from students.models import Paper
from students.procedures import Item

_WIDTHS = (("序号", 2), ("材料", 9), ("有或缺", 3), ("文号", 5), ("日期", 4), ("核验人和日期", 5))
_SPARE = 2  # lines for what else comes in


def checklist(asked: Asked) -> Sequence[Form]:
    return of_change(asked, (Change.TRANSFER_IN,), _draw)


def _draw(asked: Asked, move: Move | None) -> Form:
    fields = Fields(facts.of_move(move) if move else {})
    return boxes.form(
        asked,
        "转入学生接收核对单",
        (
            *pupil(fields),
            *side(fields, "转出学校"),
            (*fields.ask("年级班级", 5, 9, "编入年级班"), *fields.ask("异动日期", 5, 9, "到校就读日期")),
            section("材料核对"),
            tuple(caption(text, span) for text, span in _WIDTHS),
            *_lines(move),
            section("信息核对"),
            *((Box(words, span=20), Box("□一致　□不一致", span=8, align=Align.CENTER)) for words in _CHECKS),
            (caption("核对结论"), Box(_conclusion(move), span=23, height=1.6)),
            (*boxes.room("核对人", height=1.2), *boxes.room("核对日期", height=1.2)),
            (caption("校长意见"), Box(boxes.SEALED_BY, span=23, align=Align.CENTER, height=2.7)),
        ),
        name=move.student.name if move else "",
        notes=("学生从到校之日起随班就读，不等材料；材料不齐不办接收完成。",),
    )


_CHECKS = (
    "姓名、性别、出生日期、身份证号与户口簿一致",
    "学籍号、姓名与全国中小学生学籍信息管理系统一致",
    "编入年级与原校年级一致，没有跳级、留级",
)


def _lines(move: Move | None) -> tuple[Row, ...]:
    """The papers of the checklist, then whatever else has come in, then lines to write on."""
    items = move.checklist if move else [Item(paper, []) for paper in KINDS[Change.TRANSFER_IN].papers_for()]
    rows: list[tuple[str, Paper | None]] = [
        (item.asked.title, paper) for item in items for paper in (*item.kept, *([] if item.kept else [None]))
    ]
    rows += [("", None)] * _SPARE
    return tuple(_line(place, *row, known=move is not None) for place, row in enumerate(rows, 1))


def _line(place: int, title: str, paper: Paper | None, known: bool) -> Row:
    state = ("有" if paper else "缺") if title and known else ""
    seen = f"{paper.seen_by} {paper.seen_on:%Y.%-m.%-d}" if paper and paper.seen_on else ""
    spans = [span for _, span in _WIDTHS]
    values = (
        (place, Kind.INT), (title, Kind.TEXT), (state, Kind.TEXT), (paper.number if paper else "", Kind.TEXT),
        (paper.dated_on if paper else None, Kind.DATE), (seen, Kind.TEXT),
    )  # fmt: skip
    return tuple(
        Box(value, kind, span, align=Align.LEFT if kind == Kind.TEXT and span > 3 else Align.CENTER, height=boxes.LINE)
        for (value, kind), span in zip(values, spans, strict=True)
    )


def _conclusion(move: Move | None) -> str:
    if move is None:
        return "□材料齐全，可以办理接收完成　　□材料不齐，缺："
    if lacking := move.lacking:
        return f"□材料齐全，可以办理接收完成　　■材料不齐，缺：{'、'.join(lacking)}"
    return "■材料齐全，可以办理接收完成　　□材料不齐，缺："
