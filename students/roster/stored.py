"""The sheets of an uploaded file as text, between its preview and its confirmation; cells stay as they were."""

import base64
import zlib

from students.roster.cells import Sheet, dump_lines, load_lines

# Level 1: a roster shrinks to a tenth at any level, and the preview waits for it.
_LEVEL = 1


def dump(sheets: list[Sheet]) -> str:
    """The sheets as text."""
    return pack("\n".join(dump_lines(sheets)).encode())


def pack(lines: bytes) -> str:
    """The same, from the lines in which the reading process hands the sheets over."""
    return base64.b64encode(zlib.compress(lines, _LEVEL)).decode()


def load(text: str) -> list[Sheet]:
    """The sheets that `dump` has written. ValueError for a text of another kind."""
    try:
        return list(load_lines(iter(zlib.decompress(base64.b64decode(text)).splitlines())))
    except zlib.error as error:
        raise ValueError("not the sheets of a file") from error
