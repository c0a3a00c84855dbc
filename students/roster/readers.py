"""The three kinds of file, read into sheets of plain cells."""

import csv
import io

import python_calamine

from students.roster import container, sheetxml, xlsmarks
from students.roster.cells import MAX_COLUMNS, MAX_ROWS, BadCell, Sheet, UnreadableRoster, plain_row

TOO_MUCH = f"表格超过{MAX_ROWS}行或{MAX_COLUMNS}列。请只留花名册那部分，或分成几个文件导入。"
TOO_HEAVY = "文件太复杂，读不下来。请把花名册复制到一个新建的表格里，再导入。"
_SEPARATORS = (",", "\t", ";", "，")


def read_sheets(data: bytes) -> list[Sheet]:
    """All sheets of a roster file. Raises UnreadableRoster with one sentence."""
    return {"xlsx": _read_xlsx, "xls": _read_xls, "csv": _read_csv}[container.kind(data)](data)


def _read_xlsx(data: bytes) -> list[Sheet]:
    marks = sheetxml.read_marks(container.unpack_workbook(data))
    return _with_marks(_read_workbook(data), marks)


def _read_xls(data: bytes) -> list[Sheet]:
    return _with_marks(_read_workbook(data), xlsmarks.read_marks(data))


def _with_marks(sheets: list[Sheet], marks: dict[str, sheetxml.SheetMarks]) -> list[Sheet]:
    for sheet in sheets:
        found = marks.get(sheet.name, sheetxml.SheetMarks())
        width = max((len(row) for row in sheet.rows), default=0)
        sheet.hidden_rows = found.hidden_rows
        sheet.hidden_columns = [column for column in found.hidden_columns if column <= width]
        _put_bad_cells(sheet, {place: shown for place, shown in found.bad_cells.items() if place[0] <= MAX_ROWS})
    return sheets


def _put_bad_cells(sheet: Sheet, bad_cells: dict[tuple[int, int], str]) -> None:
    # The reader gives these cells as empty, and an empty cell would be taken at its word.
    for (row, column), shown in bad_cells.items():
        sheet.rows.extend([] for _ in range(row - len(sheet.rows)))
        cells = sheet.rows[row - 1]
        cells.extend(None for _ in range(column - len(cells)))
        cells[column - 1] = BadCell(shown)


def _read_workbook(data: bytes) -> list[Sheet]:
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        return [
            _read_sheet(book, position, meta)
            for position, meta in enumerate(book.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except UnreadableRoster:
        raise
    except python_calamine.PasswordError as error:
        raise UnreadableRoster(container.ENCRYPTED) from error
    except MemoryError as error:
        raise UnreadableRoster(TOO_HEAVY) from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A panic of the reader reaches Python as a BaseException.
        raise UnreadableRoster(container.DAMAGED) from error


def _read_sheet(book: python_calamine.CalamineWorkbook, position: int, meta: python_calamine.SheetMetadata) -> Sheet:
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    source = book.get_sheet_by_index(position)
    last_row, last_column = source.end or (0, 0)
    if last_row >= MAX_ROWS or last_column >= MAX_COLUMNS:
        raise UnreadableRoster(TOO_MUCH)
    merged = [
        (top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in source.merged_cell_ranges or []
    ]
    # Most cells are short texts, which stay as they are.
    rows = [plain_row(row) for row in source.to_python(skip_empty_area=False)]
    return Sheet(name=meta.name, hidden=hidden, merged=merged, rows=rows)


def _read_csv(data: bytes) -> list[Sheet]:
    text = _decode(data)
    rows = max((_split(text, separator) for separator in _SEPARATORS), key=_columns_in_use)
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        raise UnreadableRoster(TOO_MUCH)
    return [Sheet(name="", rows=[plain_row(row) for row in rows])]


def _decode(data: bytes) -> str:
    # Excel writes "Unicode text" as UTF-16 with a mark; GB18030 is last because it accepts nearly any bytes.
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
            return text
    raise UnreadableRoster(container.NOT_A_ROSTER)


def _split(text: str, separator: str) -> list[list[str]]:
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MAX_ROWS:
                break
    except csv.Error as error:
        # Without this a lone quotation mark would swallow every pupil after it.
        raise UnreadableRoster(f"第{reader.line_num}行附近的双引号没有成对，读不下去。请改正后再导入。") from error
    return rows


def _columns_in_use(rows: list[list[str]]) -> int:
    return max((len(row) for row in rows[:12]), default=0)
