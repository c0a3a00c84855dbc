"""The import in a real browser: on a desk as a clerk does it, on a phone, and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from students.models import Student
from tests.browser import DESK, PHONE, shoot
from tests.cast import Cast, id_number, make_cast
from tests.students.roster_files import workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADER = tuple("序号 姓名 性别 民族 身份证号（必填） 班级 座号 现住址 联系电话 是否留守儿童 政治面貌".split())


@pytest.fixture
def cast(wednesday: None) -> Cast:
    return make_cast()


@pytest.fixture
def roster(cast: Cast, tmp_path: Path) -> Path:
    """A class list of 53 with a title, two rows that can't be taken, and a pupil who has moved house."""
    known = cast.pupils[0]
    rows = [("青石乡九年一贯制学校学生花名册",), HEADER]
    for seat in range(1, 54):
        name = "甲乙丙丁戊己庚辛壬癸"[seat % 10] + "小" + "春夏秋冬山水"[seat % 6]
        rows.append(
            (seat, name, "女男"[seat % 2], "彝族", id_number(100 + seat), "七(2)班", seat, "柳树村", "无", "否", "群众")
        )
    rows[6] = (5, "王五", "男", "汉", 5.3e17, "七(2)班", 5)
    rows[9] = (8, "赵六", "男", "汗族", id_number(8)[:15], "七(2)班", 8, None, "问他的妈妈", None, None)
    number = Student.objects.get(pk=known.pk).id_no.reveal()
    rows.append((54, known.name, None, None, number, "七(1)班", None, "枫树村5组", None, "是", None))
    path = tmp_path / "七年级花名册.xlsx"
    path.write_bytes(workbook(("七(2)班", rows), ("说明", [("请填写",)]), hidden_rows=[12, 13]))
    return path


@pytest.mark.parametrize(("size", "script"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without script"])
def test_from_the_file_to_the_roll(
    cast: Cast, visit: Callable[..., Page], roster: Path, size: dict[str, int], script: bool
) -> None:
    name = "desk" if size is DESK else "phone"
    page = visit(cast.clerk, "/import/", size=size, script=script)
    shoot(page, f"import-upload-{name}")
    page.get_by_label("花名册文件").set_input_files(roster)
    page.get_by_role("button", name="读取并预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    expect(page.get_by_text("共 54 行 = 新增 51 + 改动 1 + 不变 0 + 拒绝 2 + 空白 0")).to_be_visible()
    expect(page.get_by_text("身份证号被Excel改成了数字")).to_be_visible()
    assert fits(page)
    shoot(page, f"import-refused-{name}")
    page.get_by_role("link", name="改动 1").click()
    expect(page.get_by_text("枫树村5组")).to_be_visible()
    assert fits(page)
    shoot(page, f"import-updated-{name}")
    page.get_by_label("请照填改动人数（52）").fill("52")
    page.get_by_role("button", name="确认导入：新增51 · 改动1").click()
    expect(page.get_by_text("已导入：新增51人，改动1人")).to_be_visible()
    assert fits(page)
    shoot(page, f"import-result-{name}")
    assert Student.objects.filter(enrollments__classroom__number=2).count() == 51


def test_what_is_no_roster_is_said_beside_the_field(cast: Cast, visit: Callable[..., Page], tmp_path: Path) -> None:
    (tmp_path / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n")
    page = visit(cast.clerk, "/import/")
    page.get_by_label("花名册文件").set_input_files(tmp_path / "照片.xlsx")
    page.get_by_role("button", name="读取并预览").click()
    expect(page.locator(".invalid-feedback")).to_contain_text("不是花名册能用的文件")
    assert fits(page)
    shoot(page, "import-no-roster")


def fits(page: Page) -> bool:
    """Whether nothing stands out of the page to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
