"""The main job from an empty database: a roster in, a class reported from a phone, a case to its end, the forms out.

Spring 2026 at an invented school. The spell has everything in it that a count must step over: Labour Day with its
weekend (1 to 5 May), a day that nobody reported (7 May), a day without school (8 May), the working Saturday (9 May).
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import pypdf
import pytest
from django.core.management import call_command
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from followups.models import Case
from schools.codes import Verb
from schools.models import AuditEntry
from students.models import Student
from tests.browser import PHONE
from tests.cast import PASSWORD, id_number
from tests.followups.casework import picture
from tests.journeys.browser import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCHOOL = "青石乡九年一贯制学校"
CHILD, SICK = "扎西卓玛", "周小川"
NAMES = f"赵海燕 李建军 王小梅 {CHILD} 陈大山 {SICK} 刘春花 何石头 罗小凤 丹增 马秀兰".split()
WITHOUT_ID, REFUSED = "杨六斤", "钱多多"
CLASS = "七(1)班"


@dataclass
class Play:
    """Who plays. The clerk and the class teacher sit down once the principal has given them their slips."""

    person: Callable[..., Person]
    morning: Callable[..., None]
    principal: Person
    clerk: Person
    teacher: Person
    plain: Person  # the class teacher on a phone whose browser runs no script


@pytest.fixture
def play(person: Callable[..., Person], morning: Callable[..., None]) -> Play:
    morning("2026-04-29")
    return Play(
        person, morning,
        principal=person("wangjianguo", PASSWORD),
        clerk=person("zhaojiaowu", PASSWORD),
        teacher=person("zhangmin", PASSWORD, size=PHONE),
        plain=person("zhangmin", PASSWORD, size=PHONE, script=False),
    )  # fmt: skip


def test_the_main_job(play: Play) -> None:
    the_school_is_founded(play)
    people_and_a_class_are_added(play)
    the_roster_is_imported_twice(play)
    two_absentees_are_three_taps(play)
    the_spell_grows_over_holiday_silence_and_saturday(play)
    the_principal_sees_the_child_with_the_days(play)
    all_present_returns_no_missing_child(play)
    the_principal_decides_and_nobody_skips_a_step(play)
    the_written_report_opens_the_visits(play)
    the_visit_with_its_photo_opens_enforcement(play)
    an_outside_paper_is_recorded(play)
    five_days_present_close_the_case(play)
    a_relapse_is_a_new_case(play)
    the_register_goes_out(play)


# --- 0. From nothing to a school ---------------------------------------------------------------------------------


def the_school_is_founded(play: Play) -> None:
    console = io.StringIO()
    call_command("setup_code", stdout=console)
    code = re.search(r"^    (\w{12})$", console.getvalue(), re.M)
    assert code
    wang = play.principal
    wang.open("/")
    wang.fill(一次性代码="000000000000")
    wang.press("下一步")
    wang.see("代码不对或已经失效")
    wang.fill(一次性代码=code[1])
    wang.press("下一步")
    wang.fill(学校名称=SCHOOL, 学校标识码="2153000001")
    wang.page.get_by_label("所在县（市、区）").fill("云岭县")
    wang.fill(所在乡镇="青石乡")
    wang.choose(办学类型="九年一贯制学校")
    wang.press("下一步")
    wang.fill(第二学期行课开始="2026-02-24", 第二学期行课结束="2026-07-03")
    wang.press("下一步")
    wang.tick("校长，并兼系统管理员")
    wang.fill(姓名="王建国", 登录名=wang.username, 密码=PASSWORD, 再输一遍密码=PASSWORD)
    wang.press("建立学校并登录")
    wang.see("学校建好了", "还没有班级")


def people_and_a_class_are_added(play: Play) -> None:
    wang = play.principal
    wang.menu("班级")
    wang.follow("加班级")
    wang.choose(年级="七年级")
    wang.press("加班级")
    wang.see(f"已加1个班：{CLASS}")
    play.clerk.start_with(slip_for(wang, "赵教务", play.clerk.username, "教务员"))
    play.teacher.start_with(slip_for(wang, "张敏", play.teacher.username, "班主任", CLASS))
    wang.menu("人员与岗位")
    wang.see("张敏", "班主任", "赵教务")


def slip_for(wang: Person, name: str, username: str, role: str, classroom: str = "") -> str:
    """Add a person on the page 人员与岗位 and read the one-time slip, which is shown once."""
    wang.menu("人员与岗位")
    wang.follow("添加人员")
    wang.fill(姓名=name, 登录名=username)
    wang.choose(岗位=role, **({"班级": classroom} if classroom else {}))
    wang.press("添加并发一次性密码条")
    slip = wang.page.locator("b.code").inner_text()
    wang.page.reload()
    wang.see("密码条已经显示过")
    return slip


# --- 1. The roster -----------------------------------------------------------------------------------------------


def roster() -> bytes:
    """A class list as it is typed by hand: a title above the header, a wrong number, a child without one."""
    book = Workbook()
    sheet = book.active
    sheet.append([f"{SCHOOL}2025-2026学年{CLASS}花名册"])
    sheet.append(["座号", "姓名", "身份证号", "班级", "现住址", "监护人姓名", "与监护人关系"])
    numbers = {name: id_number(serial) for serial, name in enumerate(NAMES, 1)}
    wrong = id_number(90)
    numbers[REFUSED] = wrong[:17] + ("1" if wrong[17] != "1" else "2")
    for seat, name in enumerate([*NAMES, WITHOUT_ID, REFUSED], 1):
        sheet.append([seat, name, numbers.get(name), CLASS, f"青石乡柳树村{seat}组", f"{name[0]}家长", "父亲"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def the_roster_is_imported_twice(play: Play) -> None:
    zhao = play.clerk
    upload_roster(zhao)
    zhao.see("共 13 行 = 新增 12 + 改动 0 + 不变 0 + 拒绝 1 + 空白 0", REFUSED, "校验")
    zhao.follow("有提醒 1")
    zhao.see(WITHOUT_ID)
    zhao.press("确认导入：新增12 · 改动0")
    zhao.see("已导入：新增12人，改动0人", "有1行没有导入")
    before = list(Student.objects.order_by("pk").values())
    upload_roster(zhao)
    zhao.see("共 13 行 = 新增 0 + 改动 0 + 不变 12 + 拒绝 1 + 空白 0")
    zhao.press("没有要导入的，放弃")
    assert list(Student.objects.order_by("pk").values()) == before
    zhao.menu("学生")
    zhao.see("共 12 人在册")


def upload_roster(zhao: Person) -> None:
    zhao.menu("学籍")
    zhao.follow("导入花名册")
    zhao.field("花名册文件").set_input_files(
        {"name": "七1班花名册.xlsx", "mimeType": "application/octet-stream", "buffer": roster()}
    )
    zhao.press("读取并预览")


# --- 2. The class, from a phone ----------------------------------------------------------------------------------


def tap(teacher: Person, name: str) -> None:
    teacher.page.locator(".roll label", has_text=name).click()


def send(teacher: Person, receipt: str) -> None:
    teacher.press(re.compile("^提交："))
    teacher.see("已送达", receipt)


def report(play: Play, day: str, *absent: str, receipt: str, by: Person | None = None) -> None:
    """The class teacher's minute at the door."""
    play.morning(day)
    teacher = by or play.teacher
    teacher.open("/roll/")
    for name in absent:
        tap(teacher, name)
    send(teacher, receipt)


def two_absentees_are_three_taps(play: Play) -> None:
    play.morning("2026-04-30")
    zhang = play.teacher
    zhang.open("/")
    zhang.see(CLASS, "未报")
    zhang.follow("点名上报")
    tap(zhang, CHILD)
    tap(zhang, SICK)
    expect(zhang.page.locator(".go")).to_have_text("提交：10到 · 缺2")
    zhang.look("点了两人")
    send(zhang, f"应到12 · 实到10 · 缺勤2：{CHILD}、{SICK}")


def the_spell_grows_over_holiday_silence_and_saturday(play: Play) -> None:
    play.morning("2026-05-04")
    play.teacher.open("/roll/")
    play.teacher.see("非上课日")
    report(play, "2026-05-06", CHILD, receipt=f"缺勤1：{CHILD}", by=play.plain)
    play.morning("2026-05-08", 7)
    wang = play.principal
    wang.open("/calendar/")
    wang.page.locator('a[href="/calendar/2026-05-08/"]').click()
    wang.fill(停课原因="山洪预警停课")
    wang.press("改为停课")
    wang.see("2026年5月8日已改为停课")
    # With the silent day three days may be missing: the child stands pre-marked, and 全到 doesn't return him.
    report(play, "2026-05-09", receipt=f"缺勤1：{CHILD}")


def all_present_returns_no_missing_child(play: Play) -> None:
    play.morning("2026-05-10")
    play.teacher.open("/roll/")
    play.teacher.see("非上课日")
    report(play, "2026-05-11", receipt=f"缺勤1：{CHILD}", by=play.plain)


# --- 3. The principal's page -------------------------------------------------------------------------------------


def the_principal_sees_the_child_with_the_days(play: Play) -> None:
    wang = play.principal
    wang.open("/")
    wang.menu("校长一页")
    # 29 April, when the class list came in, and 7 May; nothing is owed for the days before.
    expect(wang.page.locator("section", has_text="各班最近").locator("tbody tr")).to_contain_text("2 天")
    unreached = wang.page.locator(".count", has_text="无人联系")
    expect(unreached.locator("b")).to_have_text("1")
    wang.follow(re.sub(r"\s+", " ", unreached.get_by_role("link").inner_text()))
    wang.see(CHILD, "缺勤3天＋未报1天（4/30、5/6、5/7未报、5/9）")


# --- 4. The case -------------------------------------------------------------------------------------------------


def the_principal_decides_and_nobody_skips_a_step(play: Play) -> None:
    wang = play.principal
    case_of_the_child(wang)
    wang.see("待认定", "缺勤4天＋未报1天(4/30–5/11)", "需先由校长认定疑似辍学。")
    wang.follow("认定疑似辍学")
    wang.press("认定疑似辍学")
    wang.see("请写明认定依据")
    wang.fill(认定依据="连续4个到校日无故未到", 无正当理由的依据="5月11日电话，监护人确认没有请假、没有转学")
    wang.press("认定疑似辍学")
    wang.see("已认定疑似辍学，个案编号 2025-001", "还没有书面报告")
    onwards = wang.page.get_by_role("button", name="书面报告已送出，转入走访")
    expect(onwards).to_be_disabled()
    onwards.evaluate("button => { button.disabled = false }")  # a page left open since yesterday has it ready
    wang.press("书面报告已送出，转入走访")
    wang.see("还没有书面报告：要有文号、成文日期、签发人，送达单位要有县(市、区)教育局。")


def case_of_the_child(somebody: Person) -> None:
    """Open the child's latest case by its list."""
    somebody.open("/")
    somebody.menu("个案")
    somebody.follow(CHILD)


def the_written_report_opens_the_visits(play: Play) -> None:
    zhao = play.clerk
    case_of_the_child(zhao)
    zhao.follow("去补")
    zhao.fill(文号="青校〔2026〕3号", 签发人="王建国", 送达方式="直接送达")
    zhao.press("登记这份文书")
    zhao.see("证据已齐")
    zhao.press("书面报告已送出，转入走访")
    zhao.see("已进入「走访」阶段", "需先有1次见到监护人的家访")


def the_visit_with_its_photo_opens_enforcement(play: Play) -> None:
    report(play, "2026-05-12", receipt=f"缺勤1：{CHILD}")
    zhang = play.teacher
    case_of_the_child(zhang)
    zhang.follow("记一次联系")
    zhang.tick("家访", "监护人", "拒绝", "厌学")
    zhang.fill(同行人="村主任")
    zhang.look("记一次联系，填好")
    zhang.press("存这次联系")
    zhang.see("已记下", "照片待传")
    wang = play.principal
    case_of_the_child(wang)
    wang.see("5月12日的家访还没有照片")
    photo = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600))}
    zhang.field("照片或扫描件").set_input_files(photo)
    zhang.press("上传")
    zhang.see("照片1张")
    wang.page.reload()
    wang.press("劝返无效，转入依法强制")
    wang.see("已进入「依法强制」阶段")


def an_outside_paper_is_recorded(play: Play) -> None:
    zhao = play.clerk
    case_of_the_child(zhao)
    zhao.follow("登记外来文书")
    zhao.tick("宣传教育(批评教育)记录")
    zhao.fill(发文机关=SCHOOL, 文号="青政教〔2026〕1号", 送达日期="2026-05-12", 送达回证="直接送达，监护人签收")
    zhao.press("登记这份外来文书")
    zhao.see("学校没有执法权")
    zhao.fill(发文机关="青石乡人民政府")
    zhao.press("登记这份外来文书")
    zhao.see("已登记", "宣传教育(批评教育) 5/12")


def five_days_present_close_the_case(play: Play) -> None:
    wang = play.principal
    for day in (13, 14, 15, 18):
        report(play, f"2026-05-{day}", CHILD, receipt="（全到）")
    case_of_the_child(wang)
    wang.see("已有4个到校日的到校记录（5/13、5/14、5/15、5/18），还差1个")
    report(play, "2026-05-19", CHILD, receipt="（全到）")
    case_of_the_child(wang)
    wang.see("已有5个到校日的到校记录", "可以办理")
    wang.follow("销号")
    wang.tick("复学：")
    wang.press("销号")
    wang.see("还没有保存")
    wang.fill(复学时间="2026-05-13")
    wang.choose(安置方式="原班就读")
    wang.press("销号")
    wang.see("已销号：复学", "跟踪中")


def a_relapse_is_a_new_case(play: Play) -> None:
    for day in (20, 21, 22):
        report(play, f"2026-05-{day}", CHILD, receipt=f"缺勤1：{CHILD}")
    wang = play.principal
    wang.open("/principal/")
    expect(wang.page.locator(".count", has_text="等我认定").locator("b")).to_have_text("1")
    expect(wang.page.locator(".count", has_text="复学跟踪").locator("b")).to_have_text("0")
    first, second = Case.objects.order_by("pk")
    assert second.previous == first
    wang.open(f"/cases/{second.pk}/")
    wang.see("第2次（上次 2025-001 复学", "缺勤3天(5/20–5/22)", "以往个案")
    wang.follow("认定疑似辍学")
    wang.fill(认定依据="复学后又连续3个到校日无故未到", 无正当理由的依据="5月22日电话，监护人确认没有请假")
    wang.press("认定疑似辍学")
    wang.see("个案编号 2025-002")


# --- 5. The register ---------------------------------------------------------------------------------------------


def the_register_goes_out(play: Play) -> None:
    zhao = play.clerk
    zhao.open("/")
    zhao.menu("辍学登记册")
    zhao.see("在册", "2025-001", "2025-002", CHILD)
    expect(zhao.page.locator(".book tbody tr")).to_have_count(2)
    number = id_number(NAMES.index(CHILD) + 1)
    masked = cells(exported(zhao, "Excel 打印版"))
    assert CHILD in masked
    assert SCHOOL in masked
    assert number not in masked
    assert number[:6] in masked
    paper = text(exported(zhao, "PDF"))
    assert CHILD in paper
    assert number not in paper
    zhao.menu("辍学登记册")
    zhao.follow("导出登记表")
    zhao.tick("Excel 打印版", "报教育局(全号)")
    zhao.press("导出")
    zhao.see("导出全号要写明用途")
    zhao.fill(用途="报县教育局基教股月报")
    zhao.press("导出")
    assert number in cells(zhao.download())
    ordered = AuditEntry.objects.filter(verb=Verb.EXPORT, reason="报县教育局基教股月报").get()
    assert ordered.actor_name == "赵教务"
    wang = play.principal
    wang.open("/audit/")
    wang.see("报县教育局基教股月报")


def exported(zhao: Person, kind: str) -> bytes:
    """The masked roster form as a file of this kind."""
    zhao.menu("辍学登记册")
    zhao.follow("导出登记表")
    zhao.tick(kind)
    zhao.press("导出")
    zhao.see("已生成，2人")
    return zhao.download()


def cells(content: bytes) -> str:
    """All that stands in a workbook."""
    sheets = load_workbook(io.BytesIO(content)).worksheets
    return "\n".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def text(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)
