"""What the reader leaves out of an old .xls file: hidden rows and columns, and cells that show an error.

Such a file is a compound document ([MS-CFB]) whose stream "Workbook" is a row of records ([MS-XLS]). Only what these
marks need is read; a file that is laid out in another way has no marks, and the reader decides whether it is sound.
"""

import struct
from collections.abc import Iterator

from students.roster.sheetxml import SheetMarks

_LAST_REGULAR_SECTOR = 0xFFFFFFFA
_SMALLEST_REGULAR_STREAM = 4096
# record types
_BOUNDSHEET, _ROW, _COLINFO, _BOOLERR, _FORMULA, _BOF, _EOF = 0x85, 0x208, 0x7D, 0x205, 0x06, 0x809, 0x0A
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def read_marks(data: bytes) -> dict[str, SheetMarks]:
    """The marks of every sheet by its name; nothing for a file that does not follow the usual layout."""
    try:
        stream = _workbook_stream(data)
        return {name: _sheet_marks(stream, offset) for name, offset in _sheets(stream)}
    except (struct.error, IndexError, KeyError, UnicodeDecodeError):
        return {}


def _workbook_stream(data: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    sectors = data[size:]
    table = _allocation_table(data, sectors, size)
    directory = _chain(sectors, size, table, struct.unpack_from("<I", data, 48)[0])
    entries = {name: (first, length) for name, first, length in _directory(directory)}
    first, length = entries.get("Workbook") or entries.get("Book") or (0, 0)
    if length >= _SMALLEST_REGULAR_STREAM:
        return _chain(sectors, size, table, first)[:length]
    # Short streams lie in sectors of 64 bytes inside the stream of the root entry, with a table of their own.
    small = _chain(sectors, size, table, entries["Root Entry"][0])
    small_table = _numbers(_chain(sectors, size, table, struct.unpack_from("<I", data, 60)[0]))
    return _chain(small, 64, small_table, first)[:length]


def _directory(directory: bytes) -> Iterator[tuple[str, int, int]]:
    for start in range(0, len(directory) - 127, 128):
        entry = directory[start : start + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        yield entry[: max(length - 2, 0)].decode("utf-16-le"), *struct.unpack_from("<II", entry, 116)


def _allocation_table(data: bytes, sectors: bytes, size: int) -> list[int]:
    # The first 109 table sectors are listed in the header; with them a file of 5 MB is covered.
    places = [place for place in struct.unpack_from("<109I", data, 76) if place < _LAST_REGULAR_SECTOR]
    return _numbers(b"".join(sectors[place * size : (place + 1) * size] for place in places))


def _numbers(table: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4]))


def _chain(sectors: bytes, size: int, table: list[int], sector: int) -> bytes:
    parts: list[bytes] = []
    # A chain that bites its own tail ends when it is longer than the table.
    while sector < _LAST_REGULAR_SECTOR and len(parts) <= len(table):
        parts.append(sectors[sector * size : (sector + 1) * size])
        sector = table[sector]
    return b"".join(parts)


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Records of one part of the stream, up to its end; parts inside it (charts) are left out."""
    depth = 0
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        if depth == 1:
            yield kind, stream[offset + 4 : offset + 4 + length]
        offset += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(stream, 0):
        if kind == _BOUNDSHEET:
            offset, _, count, wide = struct.unpack_from("<IHBB", body)
            text = body[8 : 8 + count * 2] if wide & 1 else body[8 : 8 + count]
            yield text.decode("utf-16-le" if wide & 1 else "latin-1"), offset


def _sheet_marks(stream: bytes, offset: int) -> SheetMarks:
    marks = SheetMarks()
    for kind, body in _records(stream, offset):
        if kind == _ROW and struct.unpack_from("<I", body, 12)[0] & _ROW_HIDDEN:
            marks.hidden_rows.append(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & _COLUMN_HIDDEN:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns += range(first + 1, min(last, 255) + 2)
        elif kind in (_BOOLERR, _FORMULA) and (error := _error(kind, body)) is not None:
            row, column = struct.unpack_from("<HH", body)
            marks.bad_cells[row + 1, column + 1] = _ERRORS.get(error, "#N/A")
    return marks


def _error(kind: int, body: bytes) -> int | None:
    """The error code of a cell that holds an error or whose formula ended in one."""
    if kind == _BOOLERR:
        return body[6] if body[7] else None
    return body[8] if body[6] == 2 and body[12:14] == b"\xff\xff" else None
