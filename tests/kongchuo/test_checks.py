"""System checks: each problem is found, named and comes with its remedy."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kongchuo import checks, pdf


def test_missing_pdf_parts_are_warnings_with_the_command_that_mends_them(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(checks.pdf_ready()) == []
    monkeypatch.setattr(pdf, "missing", lambda: ["没有找到中文字体：请用管理员身份在服务器上运行 apt-get install x"])
    (warning,) = checks.pdf_ready()
    assert warning.id == "kc.W001"
    assert warning.msg == "没有找到中文字体，暂时不能生成PDF。"
    assert warning.hint == "请用管理员身份在服务器上运行 apt-get install x"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's journal")
@pytest.mark.django_db
def test_a_journal_that_loses_acknowledged_reports_is_an_error(settings: Any) -> None:
    assert list(checks.sqlite_durable(databases=["default"])) == []
    settings.SQLITE_JOURNAL = ("DELETE", "EXTRA") if settings.SQLITE_JOURNAL[0] == "WAL" else ("WAL", "FULL")
    (error,) = checks.sqlite_durable(databases=["default"])
    assert error.id == "kc.E002"
    assert list(checks.sqlite_durable(databases=None)) == []


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
srv:/export /mnt/school\\040share nfs4 rw 0 0
tmpfs /mnt/school\\040share/fast tmpfs rw 0 0
"""


def test_a_data_folder_on_a_network_share_is_an_error(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr(checks, "MOUNTS", mounts)
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    found = {}
    for folder in ("/var/lib/kongchuo", "/mnt/school share/data", "/mnt/school share/fast/data"):
        settings.DATA_DIR = Path(folder)
        found[folder] = [error.id for error in checks.data_on_local_disk()]
    assert found == {
        "/var/lib/kongchuo": [],
        "/mnt/school share/data": ["kc.E003"],
        "/mnt/school share/fast/data": [],
    }
    settings.DATA_DIR = Path("/mnt/school share/data")
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    assert list(checks.data_on_local_disk()) == []


def test_where_the_system_does_not_tell_its_mounts_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "MOUNTS", tmp_path / "none")
    assert checks.file_system(tmp_path) == ""
