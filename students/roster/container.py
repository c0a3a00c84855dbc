"""What kind of file this is, and whether a workbook may be opened at all.

A workbook is a zip archive of XML files, and a few kilobytes can claim gigabytes. Everything that can be known
without a spreadsheet reader is checked here first.
"""

import io
import zipfile

from students.roster.cells import UnreadableRoster

MAX_FILE = 5 * 1024 * 1024
MAX_MEMBERS = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 200
# Under this size a ratio says nothing: an empty part of a workbook may well shrink a thousandfold.
_SMALL = 100_000

SAVE_AS = "请用WPS或Excel打开它，另存为「.xlsx」后再导入"
ENCRYPTED = "文件设了密码，请另存为不加密的文件后再导入。"
DAMAGED = f"文件不完整或已损坏，读不出来。{SAVE_AS}。"
NOT_A_ROSTER = "这不是花名册能用的文件，请选xlsx、xls或csv文件。"
UNSAFE = f"文件里有花名册不该有的内容，没有打开。{SAVE_AS}。"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXTLESS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_WEB_PAGE = (b"<html", b"<!doctype", b"<table", b"<head", b"<meta", b"<?xml", b"<workbook", b"mime-version")


def kind(data: bytes) -> str:
    """ "xlsx", "xls" or "csv", by the content and not by the name. Raises UnreadableRoster for anything else."""
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise UnreadableRoster("文件是空的。")
    if len(data) > MAX_FILE:
        raise UnreadableRoster("文件超过5兆。请只留花名册那张工作表，删去图片后再导入。")
    if data.startswith(b"PK"):
        return "xlsx"
    if data.startswith(_OLE):
        # A workbook with a password is such a container around a stream of this name.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableRoster(ENCRYPTED)
        return "xls"
    if data.startswith(_TEXTLESS):
        raise UnreadableRoster(NOT_A_ROSTER)
    if data.lstrip(b"\xef\xbb\xbf\t\r\n ")[:20].lower().startswith(_WEB_PAGE):
        raise UnreadableRoster(f"这个文件其实是网页格式。{SAVE_AS}。")
    return "csv"


def unpack_workbook(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name, within the limits. Raises UnreadableRoster for anything else."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        _check_members(members)
        _check_purpose({member.filename for member in members})
        parts = {member.filename: archive.read(member) for member in members}
        for name, content in parts.items():
            _check_content(name, content)
    except UnreadableRoster:
        raise
    except Exception as error:
        # zlib.error, struct.error, BadZipFile, EOFError… have no ancestor of their own: broken archives raise them all.
        raise UnreadableRoster(DAMAGED) from error
    return parts


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise UnreadableRoster("文件展开后太大。请把花名册复制到一个新建的表格里，再导入。")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableRoster(ENCRYPTED)
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or any(_escapes(name) for name in names):
        raise UnreadableRoster(UNSAFE)
    for member in members:
        if member.file_size > max(_SMALL, MAX_RATIO * member.compress_size):
            raise UnreadableRoster(UNSAFE)


def _escapes(name: str) -> bool:
    return name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/")


def _check_purpose(names: set[str]) -> None:
    lower = {name.lower() for name in names}
    if "xl/vbaproject.bin" in lower:
        raise UnreadableRoster(f"文件带有宏。{SAVE_AS}（不带宏）。")
    if "xl/workbook.xml" not in names:
        other = "xl/workbook.bin" in lower or "mimetype" in lower
        raise UnreadableRoster(f"不认识这种表格格式。{SAVE_AS}。" if other else NOT_A_ROSTER)


def _check_content(name: str, content: bytes) -> None:
    # A workbook never declares entities; those that do mean to unfold without end or to read other files.
    is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
    if is_xml and b"<!" in content and (b"<!DOCTYPE" in content or b"<!ENTITY" in content):
        raise UnreadableRoster(UNSAFE)
