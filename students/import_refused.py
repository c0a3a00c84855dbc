"""Refused rows as a workbook to hand back: the columns as they were, and why each row was refused."""

import datetime
from operator import itemgetter
from typing import Any

from kongchuo import xlsx
from kongchuo.sheets import Column, Head, Sheet
from students.codes import ImportOutcome
from students.import_plan import Plan
from students.roster.cells import BadCell, Cell
from students.roster.tables import cell_at

REASON = "原因"


def collect(plan: Plan) -> list[dict[str, Any]]:
    """The refused rows by sheet: its name, its headings, and each row's cells as text with the reason in front."""
    return [
        {
            "sheet": label,
            "headings": [column.header for column in headings],
            "rows": [
                ["；".join(line.reasons), *(shown(cell_at(line.row.cells, column.number)) for column in headings)]
                for line in plan.of(ImportOutcome.REFUSED)
                if line.row.sheet == label
            ],
        }
        for label, headings in plan.roster.sheets.items()
    ]


def workbook(refused: list[dict[str, Any]]) -> bytes:
    """The workbook: the header in row 1, every cell text, so that numbers stay what they are."""
    sheets = [
        Sheet(
            title=part["sheet"] or "拒绝的行",
            name=part["sheet"] or "拒绝的行",
            columns=(
                Column(REASON, itemgetter(0), width=24),
                *(Column(header, itemgetter(place), width=8) for place, header in enumerate(part["headings"], 1)),
            ),
            rows=part["rows"],
            head=Head(counted_in="", signatures=()),
        )
        for part in refused
        if part["rows"]
    ]
    return xlsx.write_workbook(sheets, xlsx.Edition.DATA).content


def shown(cell: Cell) -> str:
    """A cell as text. A long number keeps the form that lost its digits: it must not pass for a right one."""
    if cell is None:
        return ""
    if isinstance(cell, BadCell):
        return cell.shown
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, (int, float)):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else f"{cell:.15G}"
    return cell
