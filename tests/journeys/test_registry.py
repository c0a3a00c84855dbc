"""The roll from a workbook to the receipt: import → 转出, a paper missing → the paper → 办结 → any day's 花名册.

At the school of the cast, in spring 2026. Two pupils come by a workbook; one of them moves away, and until the
receiving school's receipt is in he is ours.
"""

import io
import re
from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from schools.models import AuditEntry
from students.models import RollChange, Student
from tests.cast import PASSWORD, id_number, make_cast
from tests.followups.casework import picture
from tests.journeys.browser import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GONE, STAYS = "罗小凤", "马秀兰"


def roster() -> bytes:
    """As a school keeps it: a title over the header, the class by its usual name."""
    book = Workbook()
    page = book.active
    page.append(["青石乡九年一贯制学校七年级(1)班新增学生名单"])
    page.append(["姓名", "性别", "身份证号", "班级", "监护人", "监护人电话", "现住址"])
    for serial, name in enumerate((GONE, STAYS), 801):
        page.append([name, "女", id_number(serial), "七(1)班", f"{name}母亲", "无", "青石乡柳树村2组"])
    page.merge_cells("A1:G1")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_roll_from_a_workbook_to_the_receipt(person: Callable[..., Person], morning: Callable[..., None]) -> None:
    morning("2026-03-02")
    cast = make_cast()
    clerk = person(cast.clerk.username, PASSWORD)
    two_pupils_come_by_a_workbook(clerk)
    morning("2026-03-10")
    one_leaves_without_a_receipt(clerk)
    the_receipt_comes_and_the_roll_ends(clerk)
    morning("2026-03-12")
    the_roll_of_two_days_differs_as_it_should(clerk)
    trail = AuditEntry.objects.filter(verb__in=("import", "roll", "paper", "export")).order_by("seq")
    told = [entry.verb for entry in trail]
    assert told[0] == "import"
    assert {"roll", "paper", "export"} <= set(told)


def two_pupils_come_by_a_workbook(clerk: Person) -> None:
    clerk.open("/import/")
    clerk.field("花名册文件").set_input_files(
        {"name": "新增学生.xlsx", "mimeType": "application/octet-stream", "buffer": roster()}
    )
    clerk.press("读取并预览")
    clerk.see("新增 2", "拒绝 0")
    clerk.press(re.compile("^确认导入：新增2"))  # two of eighteen are many
    clerk.see("填上改动人数2")
    clerk.page.get_by_label("改动人数").fill("2")
    clerk.press(re.compile("^确认导入：新增2"))
    clerk.see("已导入")
    assert set(Student.objects.filter(name__in=(GONE, STAYS)).values_list("name", flat=True)) == {GONE, STAYS}


def one_leaves_without_a_receipt(clerk: Person) -> None:
    clerk.open(f"/students/{Student.objects.get(name=GONE).pk}/")
    clerk.follow("转出")
    clerk.press("登记转出")  # nothing filled in: each thing missing is said, nothing is lost
    clerk.see("请填写这一项")
    clerk.fill(离校日期="2026-03-09", 申请日期="2026-03-06", 转入学校="云岭县白水乡中学")
    clerk.choose(原因="迁居")
    clerk.tick("监护人已在申请上签字")
    clerk.press("登记转出")
    clerk.see("转出待接续", "还缺：", "接收学校回执或就读证明")
    expect(clerk.page.get_by_role("button", name="办结", exact=True)).to_have_count(0)
    clerk.open("/registry/changes/missing/")
    clerk.see(GONE, "接收学校回执或就读证明")


def the_receipt_comes_and_the_roll_ends(clerk: Person) -> None:
    change = RollChange.objects.get(student__name=GONE, kind="transfer_out")
    clerk.open(f"/registry/changes/{change.pk}/")
    papers = clerk.page.locator("tr", has_text="转学申请")
    clerk.follow("登记材料", papers)
    clerk.page.get_by_label("谁核验过原件").fill("赵教务")
    clerk.page.get_by_label("哪一天核验的").fill("2026-03-09")
    clerk.press("登记这份材料")
    clerk.follow("登记材料", clerk.page.locator("tr", has_text="接收学校回执"))
    clerk.tick("接收回执或就读证明")
    clerk.page.locator("input[type=file]").set_input_files(
        {"name": "回执.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600), "JPEG")}
    )
    clerk.press("登记这份材料")
    clerk.fill(办结日期="2026-03-10")
    clerk.press("办结")
    clerk.see("已办结")
    clerk.open("/registry/changes/missing/")
    expect(clerk.page.locator("main")).not_to_contain_text(GONE)


def the_roll_of_two_days_differs_as_it_should(clerk: Person) -> None:
    names = {}
    for on in ("2026-03-05", "2026-03-11"):
        clerk.open(f"/books/roster/?on={on}")
        assert (STAYS in clerk.page.locator("main").inner_text()) is True
        names[on] = GONE in clerk.page.locator("main").inner_text()
        clerk.press("Excel 打印版")
        book = load_workbook(io.BytesIO(clerk.download()))
        cells = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}
        assert (GONE in cells) is names[on]
        assert STAYS in cells
        assert not any(id_number(serial) in cell for serial in (801, 802) for cell in cells)  # masked
    assert names == {"2026-03-05": True, "2026-03-11": False}
