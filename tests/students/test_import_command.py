"""`import_roster`: a dry run unless told otherwise, an account that adds up, an exit code that a script can use."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from schools.codes import Verb
from schools.models import AuditEntry
from students.models import Student
from tests.cast import Cast, id_number
from tests.students.roster_files import text_file, workbook

ROWS = [
    ("姓名", "身份证号", "班级"),
    ("丹增", id_number(41), "三(2)班"),
    ("达瓦", 5.3e17, "三(2)班"),
    (None, None, None),
    ("尼玛", id_number(42)[:15], "三(2)班"),
    ("普布", None, "三(2)班"),
]


def run(file: Path, *options: str) -> Any:
    out = io.StringIO()
    call_command("import_roster", str(file), "--school", "2153000001", *options, stdout=out)
    text = out.getvalue()
    return json.loads(text) if "--json" in options else text


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(("名册", ROWS)))
    return path


def test_a_dry_run_counts_and_writes_nothing(cast: Cast, roster: Path) -> None:
    account = run(roster, "--json")
    counts = {key: account[key] for key in ("rows", "created", "updated", "unchanged", "refused", "blank")}
    assert counts == {"rows": 5, "created": 2, "updated": 0, "unchanged": 0, "refused": 2, "blank": 1}
    assert [refusal["row"] for refusal in account["refusals"]] == [3, 5]
    assert "设为文本" in account["refusals"][0]["reason"]
    assert "15位" in account["refusals"][1]["reason"]
    assert account["warnings"] == [{"row": 6, "warning": "没有身份证号"}]
    assert (account["committed"], account["new_classes"]) == (False, ["三(2)班"])
    assert not Student.objects.filter(name="丹增").exists()


def test_committed_it_is_on_the_roll_and_again_it_changes_nothing(cast: Cast, roster: Path) -> None:
    assert run(roster, "--commit", "--json")["created"] == 2
    assert Student.objects.get(name="普布").present_enrollment.classroom.label == "三(2)班"
    assert AuditEntry.objects.get(verb=Verb.IMPORT).actor_name == "系统"
    again = run(roster, "--commit", "--json")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)


def test_in_words(cast: Cast, roster: Path) -> None:
    text = run(roster)
    assert "共5行 = 新增2 + 改动0 + 不变0 + 拒绝2 + 空白1" in text
    assert "第3行：身份证号被Excel改成了数字" in text
    assert "没有写入" in text


def test_a_list_of_one_class_and_a_workbook_of_many(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text_file([("姓名",), ("甲",)], encoding="gb18030"))
    assert run(path, "--json", "--class", "三(2)班", "--from", "2026-09-01")["new_classes"] == ["三(2)班"]
    path = tmp_path / "b.xlsx"
    path.write_bytes(workbook(("三(1)班", [("姓名",), ("甲",)]), ("三(2)班", [("姓名", "性别"), ("乙", "?")])))
    assert run(path, "--json", "--all-sheets")["refusals"] == [
        {"row": 2, "reason": "性别「?」认不出", "sheet": "三(2)班"}
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "不是花名册"),
        (b"", "空的"),
        ("班级,性别,民族\n1,男,汉".encode(), "没有「姓名」"),
        (None, "打不开文件"),
    ],
)
def test_a_file_that_is_no_roster(cast: Cast, tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "a.xlsx"
    if content is not None:
        path.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(CommandError, match=sentence):
        call_command("import_roster", str(path), "--school", "2153000001", "--json", stdout=out)
    assert sentence in json.loads(out.getvalue())["error"]


def test_an_unknown_school_and_an_unknown_class(cast: Cast, roster: Path) -> None:
    with pytest.raises(CommandError, match="没有学校标识码为9的学校"):
        call_command("import_roster", str(roster), "--school", "9")
    with pytest.raises(CommandError, match="认不出"):
        run(roster, "--class", "火箭班")
