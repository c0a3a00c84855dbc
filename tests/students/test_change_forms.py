"""The paper forms of 学籍异动: what stands in their boxes, for whom they are drawn, one page each, nothing in clear."""

import re
from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from django.urls import reverse

from kongchuo import pdf, xlsx
from kongchuo.sheets import Form, words
from schools import policy
from schools.books import Asked
from students import papers
from students.books import boxes, checklist, placement, suspension, transfer
from students.books.changes import FORMS, LISTS, books_for
from students.codes import Change
from students.models import Guardian, Household, Resident, RollChange, Student
from tests.cast import WEDNESDAY, Cast, id_number, login
from tests.students.movebook import LONG_NAME, LONG_SCHOOL, PHONE, MoveBook, change, day, make_moves, paper

HOUSE = "8栋2单元1003室"


@pytest.fixture
def book(cast: Cast) -> MoveBook:
    return make_moves(cast)


def ask(cast: Cast, about: Any = None, **more: Any) -> Asked:
    key = about.pk if about else None
    return Asked(**({"user": cast.clerk, "school": cast.school, "on": WEDNESDAY, "about": key} | more))


def labels(form: Form) -> list[str]:
    return [str(part.value) for part in form.placed() if part.box.label]


def beside(form: Form) -> dict[str, str]:
    """What stands right of each label; of a label that comes twice, both."""
    found: dict[str, list[str]] = defaultdict(list)
    placed = form.placed()
    for part, following in pairwise(placed):
        if part.box.label and not following.box.label:
            found[str(part.value)].append(words(following.value))
    return {label: "|".join(values) for label, values in found.items()}


def whole(form: Form) -> str:
    return "\n".join(words(part.value) for part in form.placed())


# --- 转学 ------------------------------------------------------------------------------------------------------
TRANSFER = (
    "学生姓名|性别|出生日期|身份证号|学籍号|户籍地|现住址|监护人|电话|转出学校|标识码|年级班级|转入学校|标识码|年级班级|转学原因|证明材料清单|"
    "监护人签字|①转入学校意见|②转入校学籍主管部门意见|③转出学校意见|④转出校学籍主管部门意见"
).split("|")


def test_the_application_for_a_transfer_out(book: MoveBook) -> None:
    (form,) = transfer.application(ask(book.cast, book.out, full=True))
    assert labels(form) == TRANSFER
    assert beside(form) | {"监护人签字": ""} == {
        "学生姓名": LONG_NAME, "性别": "男", "出生日期": "2013.4.12", "身份证号": id_number(1),
        "学籍号": "G" + id_number(1), "户籍地": "云岭县青石乡柳树村3组17号附2号",
        "现住址": f"云岭县青石乡柳树村移民安置点{HOUSE}", "监护人": "阿卜杜凯尤木·买买提（父亲）", "电话": PHONE,
        "转出学校": book.cast.school.name, "转入学校": LONG_SCHOOL, "标识码": "2153000001|2153000077",
        "年级班级": "七(1)班|",
        "转学原因": "■迁居　□工作调动　□随迁　□购房　□特校互转　□其他\n说明：监护人在安置区买房",
        "证明材料清单": "转学申请(自愿且与成绩无关)", "监护人签字": "",
        **dict.fromkeys(TRANSFER[-4:], boxes.SEALED_BY),
    }  # fmt: skip
    assert "本人自愿申请，与学习成绩无关；学校没有以任何方式要求转学。" in whole(form)
    assert "每个环节10个工作日内核办（教基〔2025〕1号15条）" in form.head.notes[0]


def test_the_application_for_a_transfer_in_turns_the_schools_round(book: MoveBook) -> None:
    (form,) = transfer.application(ask(book.cast, book.into))
    said = beside(form)
    assert (said["转出学校"], said["转入学校"]) == ("白水乡中学", book.cast.school.name)
    assert (said["标识码"], said["年级班级"]) == ("3153000002|2153000001", "|七(1)班")
    assert said["转学原因"].startswith("□迁居　□工作调动　■随迁")


def test_the_central_school_signs_first_where_the_rule_says_so(book: MoveBook) -> None:
    assert "中心校" not in whole(transfer.application(ask(book.cast, book.out))[0])
    policy.set_rule(
        actor=book.cast.principal, school=book.cast.school, key="transfer_central_approval", value="要",
        basis="青石乡中心校办法", from_day=day(3, 1),
    )  # fmt: skip
    (form,) = transfer.application(ask(book.cast, book.out))
    assert labels(form)[-5:] == ["中心校审批意见", *TRANSFER[-4:]]


def test_the_letter_says_who_asks_whom(book: MoveBook) -> None:
    (out,) = transfer.letter(ask(book.cast, book.out))
    assert f"{LONG_SCHOOL}：\n　　兹有我校学生{LONG_NAME}因迁居，申请转入贵校就读。" in whole(out)
    assert out.caption[1] == "编号：青九转〔2026〕3号"
    (into,) = transfer.letter(ask(book.cast, book.into))
    assert "白水乡中学：\n　　兹有贵校学生何石榴因随父母务工，申请转入我校就读" in whole(into)
    assert whole(into).index("沿 此 线 裁 开") < whole(into).index("来函收悉")


def test_the_certificate_has_three_parts_on_one_page(book: MoveBook) -> None:
    (form,) = transfer.certificate(ask(book.cast, book.out))
    assert [label for label in labels(form) if "联　" in label] == [
        "第一联　存根（转出学校存档）", "第二联　证明（交接收学校）", "第三联　接收回执（接收学校填写后退回）",
    ]  # fmt: skip
    assert f"兹有学生{LONG_NAME}，系我校七(1)班学生，因迁居，于2026年3月2日申请转入贵校就读" in whole(form)
    assert whole(form).count("沿 此 线 裁 开") == 2


def test_the_proof_of_learning_elsewhere(book: MoveBook) -> None:
    (form,) = transfer.elsewhere(ask(book.cast, book.boarding, full=True))
    assert labels(form) == "姓名|身份证|户籍|就读学校全称|年级班级|起始时间|学校章|经办人|经办人电话".split("|")
    said = beside(form)
    assert (said["姓名"], said["身份证"], said["就读学校全称"], said["起始时间"]) == (
        "扎西卓玛", id_number(4), "东海市第九中学", "2026.3.4",
    )  # fmt: skip


def test_the_checklist_says_what_is_missing(book: MoveBook) -> None:
    (form,) = checklist.checklist(ask(book.cast, book.into))
    text = whole(form)
    assert "1\n转学申请表\n有\n白中转〔2026〕9号\n2026.2.27\n赵教务 2026.3.11" in text
    assert "2\n户籍或居住证明\n缺" in text
    assert beside(form)["核对结论"].endswith("■材料不齐，缺：户籍或居住证明、原校学籍证明")
    for code, title in (("residence", "户口簿"), ("roll_proof", "学籍证明"), ("more", "体检表")):
        paper(book.cast, book.into, code, title)
    (form,) = checklist.checklist(ask(book.cast, book.into))
    assert beside(form)["核对结论"].startswith("■材料齐全")
    assert "4\n体检表\n有" in whole(form)


# --- 休学、复学、缓学 ---------------------------------------------------------------------------------------------
APPLICATION = (
    "姓名|性别|出生|学籍号|身份证|学校年级班|住址|监护人|电话|申请类别|原因|起止日期|附件|监护人签字|班主任意见|学校意见|乡镇政府意见|"
    "县级教育行政部门意见|学籍系统办理日期|经办人"
).split("|")


def test_the_application_for_a_suspension(book: MoveBook) -> None:
    (form,) = suspension.suspension(ask(book.cast, book.suspended, full=True))
    assert labels(form) == APPLICATION
    said = beside(form)
    assert (said["姓名"], said["学校年级班"], said["住址"]) == (
        "李建军", "青石乡九年一贯制学校七(1)班", "青石乡柳树村2组",
    )  # fmt: skip
    assert said["申请类别"] == "■休学　□续休　□复学　□缓学"
    assert said["原因"] == "■伤病　□出国(境)　□羁押　□其他"
    assert said["起止日期"] == "自2026年3月3日起至2026年3月20日"
    assert said["附件"] == "休学书面申请；诊断证明；核办结果"
    assert (said["学籍系统办理日期"], said["经办人"]) == ("2026.3.6", "赵教务")
    assert "本人自愿申请，与学习成绩无关；学校没有以任何方式要求休学。" in whole(form)
    assert "精神" not in whole(form)
    (longer,) = suspension.suspension(ask(book.cast, book.extended))
    assert beside(longer)["申请类别"] == "□休学　■续休　□复学　□缓学"
    assert beside(longer)["附件"].startswith("□县级以上医院诊断证明（写明建议休学）")


def test_exemption_stands_in_the_note_only(book: MoveBook) -> None:
    (form,) = suspension.suspension(ask(book.cast, book.suspended))
    assert "免学" not in whole(form)
    assert "现行义务教育法第11条只规定延缓入学、休学" in form.head.notes[-1]


def test_no_paper_knows_of_leaving_school_for_good(book: MoveBook) -> None:
    for one, _ in FORMS:
        for form in one.sheets(ask(book.cast)):
            assert not [word for word in ("退学", "开除") if word in whole(form) + "".join(form.head.notes)]


def test_the_application_for_a_return_and_the_notice_to_the_class(book: MoveBook) -> None:
    (form,) = suspension.resumption(ask(book.cast, book.resumed))
    assert labels(form) == APPLICATION
    assert (beside(form)["申请类别"], beside(form)["起止日期"]) == ("□休学　□续休　■复学　□缓学", "自2026年3月9日起")
    (notice,) = suspension.notice(ask(book.cast, book.resumed))
    assert whole(notice).count("自2026年3月9日起复学，编入八(1)班就读") == 2


def test_the_certificate_of_a_suspension(book: MoveBook) -> None:
    (form,) = suspension.certificate(ask(book.cast, book.suspended))
    assert whole(form).count("因伤病，经监护人申请") == 2
    assert "请在2026年3月20日期满时到校办理复学" in whole(form)


def make_child(cast: Cast, **facts: Any) -> Resident:
    household = Household.objects.create(
        school=cast.school, number="7", head="李大山", village="柳树村", address=f"柳树村{HOUSE}", phone=PHONE
    )
    child = Resident(household=household, name="李小草", sex="2", birth_date=day(4, 12, 2019), disability="4", **facts)
    child.set_id_number(id_number(950, birth="20190412"))
    child.save()
    return child


def test_the_application_for_a_deferral_is_about_a_child_of_the_survey(cast: Cast) -> None:
    child = make_child(cast, deferred_until=day(8, 31))
    proof = papers.keep(
        actor=cast.clerk, to=child, code="diagnosis", title="诊断证明", seen_by="赵教务", seen_on=WEDNESDAY
    )
    (form,) = suspension.deferral(ask(cast, child, full=True))
    assert labels(form) == APPLICATION
    said = beside(form)
    assert (said["姓名"], said["出生"], said["身份证"], said["监护人"], said["电话"]) == (
        "李小草", "2019.4.12", id_number(950, birth="20190412"), "李大山（户主）", PHONE,
    )  # fmt: skip
    assert said["申请类别"] == "□休学　□续休　□复学　■缓学"
    assert (said["起止日期"], said["附件"]) == ("至2026年8月31日", "诊断证明")
    papers.void(actor=cast.clerk, paper=proof, reason="传错了人")
    assert beside(suspension.deferral(ask(cast, child))[0])["附件"].startswith("□县级以上医院诊断证明（写明建议缓学）")
    assert suspension.deferral(ask(cast, child, user=cast.far_clerk, school=cast.far_school)) == []


# --- The others -----------------------------------------------------------------------------------------------
def test_the_form_of_guests(book: MoveBook) -> None:
    (away,) = placement.guest(ask(book.cast, book.boarding))
    assert beside(away)["类别"] == "□借读（人在本校，学籍在外校）　■寄读（学籍在本校，人在外校）"
    assert (beside(away)["对方学校"], beside(away)["所在地"]) == ("东海市第九中学", "东海市")
    (here,) = placement.guest(ask(book.cast, book.guest))
    assert beside(here)["类别"].startswith("■借读")
    assert beside(here)["本校年级班级"] == "七(1)班"


def test_teaching_at_home_names_the_disability_in_full_only(book: MoveBook) -> None:
    assert beside(placement.home_teaching(ask(book.cast, book.home))[0])["残疾类别等级"] == "—"
    assert beside(placement.home_teaching(ask(book.cast, book.home, full=True))[0])["残疾类别等级"] == "肢体一级"


def test_the_approval_shows_the_roll_before_and_after(book: MoveBook) -> None:
    said = beside(placement.approval(ask(book.cast, book.retained))[0])
    assert said["异动类别"] == "□跳级　■留级　□死亡　□失踪　□出国(境)　□专门学校就读　□班级调整"
    assert (said["异动前年级班"], said["异动前状态"]) == ("七(1)班", "在读")
    assert (said["异动后年级班"], said["异动后状态"]) == ("六(1)班", "在读")
    assert (said["依据"], said["证明(审批)文号"]) == ("特教学生", "云教审〔2026〕1号")
    (dead,) = placement.approval(ask(book.cast, book.dead))
    assert (beside(dead)["异动后年级班"], beside(dead)["异动后状态"]) == ("", "不在册")
    assert "监护人签字" not in labels(dead)


# --- For whom, and how they come out ----------------------------------------------------------------------------
def test_each_kind_has_its_forms(book: MoveBook) -> None:
    def titles(of: RollChange) -> list[str]:
        return [title for title, _ in books_for(of)]

    assert titles(book.out) == ["中小学生转学申请表", "转学联系函", "转学证明", "在外就读证明"]
    assert titles(book.into) == ["中小学生转学申请表", "转学联系函", "转入学生接收核对单"]
    assert titles(book.suspended) == ["中小学生休学（续休）申请表", "休学证明"]
    assert titles(book.resumed) == ["中小学生复学申请表", "复学通知单"]
    assert titles(book.boarding) == ["在外就读证明", "借读（寄读）学生登记表"]
    assert titles(book.home) == ["送教上门学生安置表"]
    assert titles(book.dead) == titles(book.retained) == ["学籍异动（变更）审批表"]
    assert titles(book.voided) == []
    assert books_for(book.out)[0][1] == f"/books/transfer-application/?about={book.out.pk}"


def every_form(book: MoveBook, **more: Any) -> list[Form]:
    return [
        form
        for one, kinds in FORMS
        for moved in RollChange.objects.filter(school=book.cast.school, kind__in=kinds)
        for form in one.sheets(ask(book.cast, moved, **more))
    ]


def test_no_form_is_drawn_of_what_is_foreign_voided_or_of_another_kind(book: MoveBook) -> None:
    for one, kinds in FORMS:
        assert one.sheets(ask(book.cast, book.far)) == []
        assert one.sheets(ask(book.cast, book.voided)) == []
        assert one.sheets(ask(book.cast, book.out, user=book.cast.far_clerk)) == []
        if kinds and Change.TRANSFER_OUT not in kinds:
            assert one.sheets(ask(book.cast, book.out)) == []


def test_every_box_has_its_place_and_every_form_a_blank_edition(book: MoveBook) -> None:
    blank = [form for one, _ in FORMS for form in one.sheets(ask(book.cast))]
    assert len(blank) == len(FORMS)
    for form in [*blank, *every_form(book)]:
        taken = sorted((part.line, part.column + right) for part in form.placed() for right in range(part.box.span))
        assert taken == [(line, column) for line in range(len(form.rows)) for column in range(boxes.UNITS)], form.title
    assert not [form.title for form in blank if "None" in whole(form) or LONG_NAME in whole(form)]


@pytest.mark.heavy
def test_however_much_is_written_a_form_keeps_to_its_page(book: MoveBook) -> None:
    RollChange.objects.update(
        note="监护人说安置区的学校离家近，孩子愿意去。" * 15, basis="依" * 100,
        document_no="云岭县教育体育局学籍〔2026〕第0000123号附件之二",
        other_school="云岭彝族苗族自治县" * 8, other_place="南江省" * 20,
    )  # fmt: skip
    Student.objects.update(name=LONG_NAME * 4, address="云岭县青石乡柳树村" * 13, hukou_address="云岭县柳树村3组" * 13)
    Guardian.objects.update(name="阿卜杜凯尤木·买买提" * 5)
    for number in range(6):
        paper(book.cast, book.out, f"more{number}", "户籍证明和居住证明的复印件" * 3, number="云公户〔2026〕77号")
        paper(book.cast, book.into, f"more{number}", "户籍证明和居住证明的复印件" * 3, number="云公户〔2026〕77号")
    forms = every_form(book)
    assert len(forms) > len(FORMS)
    assert len(pages_of(forms)) == len(forms)


def pages_of(forms: Sequence[Form]) -> list[str]:
    printed = pdf.render_sheets(forms)
    assert printed.refused == ()
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(printed.content)).pages]


def test_a_masked_form_holds_no_number_and_no_door(book: MoveBook) -> None:
    RollChange.objects.filter(pk=book.out.pk).update(note=f"父亲电话{PHONE}")
    secrets = (id_number(1), "G" + id_number(1), PHONE, HOUSE)
    masked, full = every_form(book), every_form(book, full=True)
    of_out = [form for form in masked if form.name == LONG_NAME]
    on_paper = "".join(pages_of(of_out[:2]))
    for text in (everything(masked), on_paper):
        assert LONG_NAME in text
        assert not [secret for secret in secrets if secret in text]
    assert "139****1234" in on_paper
    assert not [secret for secret in secrets if secret not in everything(full)]


def everything(forms: Sequence[Form]) -> str:
    content = xlsx.write_workbook(forms, xlsx.Edition.PRINT).content
    with ZipFile(BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_all_the_papers_of_a_change_cost_the_same_few_queries(book: MoveBook, django_assert_num_queries: Any) -> None:
    for number in range(9):
        paper(book.cast, book.into, f"more{number}", "材料")
    asked = ask(book.cast, book.into)
    assert asked.user.has("clerk", school=asked.school)
    with django_assert_num_queries(6):
        checklist.checklist(asked)


def test_a_change_of_class_names_the_class(book: MoveBook) -> None:
    moved = change(book.cast, book.cast.others[4], Change.CLASS, WEDNESDAY, classroom=book.cast.seven)
    said = beside(placement.approval(ask(book.cast, moved))[0])
    assert (said["异动前年级班"], said["异动后年级班"]) == ("八(1)班", "七(1)班")


def test_the_pages_of_the_books_open(book: MoveBook) -> None:
    clerk = login(book.cast.clerk)
    for one in LISTS:
        assert clerk.get(f"/books/{one.key}/").status_code == 200, one.title
    shown = clerk.get("/books/changes/", {"choice": "voided"}).content.decode()
    assert re.search("<td[^>]*struck[^>]*>写错的学校</td>", shown)
    assert "写错的学校" not in clerk.get("/books/changes/").content.decode()
    blank = clerk.get("/books/transfer-application/").content.decode()
    assert "监护人签字：" in blank
    assert LONG_NAME not in blank
    offered = clerk.get(reverse("students:change", args=(book.out.pk,))).content.decode()
    for title, url in books_for(book.out):
        assert f'<a class="btn btn-sm" href="{url}">{title}</a>' in offered
        assert LONG_NAME in clerk.get(url).content.decode(), title
    assert clerk.get("/books/transfer-application/", {"about": book.far.pk}).status_code == 404
    assert login(book.cast.head).get("/books/changes/").status_code in (403, 404)
    listed = clerk.get("/books/").content.decode()
    assert all(one.title in listed for one in (*LISTS, *(form for form, _ in FORMS)))
