"""System checks: what this machine lacks or puts at risk, each with the way to mend it. Registered by schools.apps."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DatabaseError, connections

from kongchuo import pdf

MOUNTS = Path("/proc/self/mounts")
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.glusterfs", "ceph", "9p", "afs"}

_SYNCHRONOUS = {2: "FULL", 3: "EXTRA"}


@register
def pdf_ready(**kwargs: Any) -> Iterable[CheckMessage]:
    """PDF libraries and fonts. The site runs without them; its PDF buttons say the same sentences."""
    for sentence in pdf.missing():
        problem, _, remedy = sentence.partition("：")
        yield Warning(f"{problem}，暂时不能生成PDF。", hint=remedy, id="kc.W001")


@register(Tags.database)
def sqlite_durable(databases: Iterable[str] | None = None, **kwargs: Any) -> Iterable[CheckMessage]:
    """An acknowledged report survives a power cut only with the journal that settings choose for this SQLite."""
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        try:
            with connection.cursor() as cursor:
                journal = cursor.execute("PRAGMA journal_mode").fetchone()[0].upper()
                synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        except DatabaseError as error:
            yield Error(f"数据库打不开：{error}", hint="请检查数据文件夹的权限和磁盘空间。", id="kc.E001")
            continue
        wanted = settings.SQLITE_JOURNAL
        if (journal, _SYNCHRONOUS.get(synchronous)) != wanted:
            yield Error(
                f"SQLite {sqlite3.sqlite_version} 的日志方式是 {journal}/{synchronous}，断电可能丢失已收到的日报。",
                hint=f"应为 {'/'.join(wanted)}；请确认没有别的程序改过数据库。",
                id="kc.E002",
            )


@register
def data_on_local_disk(**kwargs: Any) -> Iterable[CheckMessage]:
    """SQLite's locks do not hold on network file systems: two writers there damage the database."""
    kind = file_system(Path(settings.DATA_DIR))
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and kind in NETWORK_FILE_SYSTEMS:
        yield Error(
            f"数据文件夹在网络共享盘上（{kind}），SQLite 数据库放在那里会损坏。",
            hint="请把 KC_DATA_DIR 设为本机硬盘上的文件夹，或改用 PostgreSQL。",
            id="kc.E003",
        )


def file_system(folder: Path) -> str:
    """The type of the file system that holds a folder (ext4, nfs4, …); empty where the system doesn't say."""
    try:
        mounts = [line.split(" ") for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return ""
    holding = [
        (len(point), kind) for _, point, kind, *_ in mounts if folder.resolve().is_relative_to(_unescaped(point))
    ]
    return max(holding, default=(0, ""))[1]


def _unescaped(point: str) -> str:
    """A mount point as /proc writes it: blanks as octal escapes."""
    return point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
