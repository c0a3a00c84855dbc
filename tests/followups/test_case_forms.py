"""The forms and clicks of a case: what they do, what they say, and what they do not do twice."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from followups import attachments, facts, papers, stages
from followups.codes import Addressee, Met, NoticeKind, Outcome, Result, Stage, Way
from followups.contacts import record_contact
from followups.models import Attachment, Case, Contact, Finding, Notice, Proposal
from tests.cast import WEDNESDAY, Cast
from tests.followups.casework import WHY, found_case, login, open_case, page, picture, report


@pytest.fixture
def case(cast: Cast) -> Case:
    return found_case(cast)


# --- What a click does ------------------------------------------------------------------------------------------------


def test_a_step_is_one_click_and_a_stale_one_is_told(cast: Cast, case: Case, at_day: Callable[..., None]) -> None:
    report(case, cast.clerk, WEDNESDAY)
    step = {"to": Stage.VISIT, "seen": Stage.REPORT}
    at_day(WEDNESDAY, 9, 12)
    assert (
        "已进入「走访」阶段。"
        in login(cast.principal).post(page("case_advance", case.pk), step, follow=True).content.decode()
    )
    at_day(WEDNESDAY, 9, 40)
    late = login(cast.clerk).post(page("case_advance", case.pk), step, follow=True)
    assert late.redirect_chain == [(page("case", case.pk), 302)]
    assert "王校长 9:12 已完成此步，个案现在是「走访」阶段。" in late.content.decode()
    assert case.steps.filter(stage=Stage.VISIT).count() == 1


@pytest.mark.parametrize(
    "step", [{}, {"to": "visit"}, {"to": "moon", "seen": "report"}, {"to": "enforce", "seen": "report"}]
)
def test_a_step_that_is_none_changes_nothing(cast: Cast, case: Case, step: dict[str, str]) -> None:
    login(cast.principal).post(page("case_advance", case.pk), step)
    case.refresh_from_db()
    assert case.stage == Stage.REPORT


def test_an_empty_post_is_answered_with_what_is_missing(cast: Cast, case: Case) -> None:
    answer = login(cast.head).post(page("contact_new", case.student_id), {})
    assert answer.status_code == 422
    assert "请选择「方式」。" in answer.content.decode()


def test_a_visit_is_recorded_and_its_photos_follow(cast: Cast, case: Case) -> None:
    client = login(cast.head)
    answer = client.post(
        page("contact_new", case.student_id),
        {"way": Way.VISIT, "met": Met.NOBODY, "result": Result.UNREACHABLE, "on": "2026-03-11", "reasons": ["19"]},
    )
    made = Contact.objects.latest("pk")
    assert answer["Location"] == page("contact_photos", made.pk) + f"#saved-{case.student_id}"
    assert "照片待传" in client.get(page("contact_photos", made.pk)).content.decode()
    client.post(page("contact_photos", made.pk), {"file": SimpleUploadedFile("a.jpg", picture()), "caption": "门口"})
    kept = made.attachments.get()
    assert (kept.caption, kept.uploaded_by) == ("门口", cast.head)
    bad = client.post(page("contact_photos", made.pk), {"file": SimpleUploadedFile("a.jpg", b"<html>")})
    assert bad.status_code == 422
    assert "这个文件不是照片" in bad.content.decode()


def test_a_call_leads_back_to_the_case(cast: Cast, case: Case) -> None:
    answer = login(cast.head).post(
        page("contact_new", case.student_id),
        {
            "way": Way.PHONE,
            "met": Met.GUARDIAN,
            "result": Result.PROMISED,
            "promised_on": "2026-03-12",
            "on": "2026-03-11",
        },
    )
    assert answer["Location"] == page("case", case.pk) + f"#saved-{case.student_id}"


def test_a_call_before_any_case_leads_back_to_the_card(cast: Cast) -> None:
    client, pupil = login(cast.head), cast.pupils[4]
    call = {"way": Way.PHONE, "met": Met.NOBODY, "result": Result.UNREACHABLE, "on": "2026-03-11"}
    answer = client.post(page("contact_new", pupil.pk), call)
    assert answer["Location"] == reverse("students:card", args=(pupil.pk,)) + f"#saved-{pupil.pk}"
    assert "没有见到人" in client.post(page("contact_new", pupil.pk), call | {"result": "refused"}).content.decode()


def test_a_refusal_stands_beside_its_field(cast: Cast, case: Case) -> None:
    answer = login(cast.head).post(
        page("contact_new", case.student_id),
        {"way": Way.PHONE, "met": Met.GUARDIAN, "result": Result.PROMISED, "on": "2026-03-11"},
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"promised_on": ["请填写答应哪一天到校。"]}


def test_finding_by_the_form_and_a_stale_form(cast: Cast) -> None:
    fresh = open_case(cast.pupils[3])
    client = login(cast.principal)
    html = client.get(page("finding_new", fresh.pk)).content.decode()
    assert 'value="suspected"' in html
    form = {"kind": "suspected", "seen": "identify", "on": "2026-03-11", **WHY}
    assert "个案编号 2025-001" in client.post(page("finding_new", fresh.pk), form, follow=True).content.decode()
    # The same form from another tab: it is not taken for the finding of 辍学, which comes next.
    again = client.post(page("finding_new", fresh.pk), form | {"early_reason": "已外出务工"}, follow=True)
    assert "王校长 8:00 已完成此步" in again.content.decode()
    assert Finding.objects.filter(case=fresh).count() == 1


def test_an_early_dropout_by_the_form(cast: Cast, case: Case) -> None:
    client = login(cast.principal)
    html = client.get(page("finding_new", case.pk)).content.decode()
    assert "提前认定的理由" in html
    form = {"kind": "dropout", "on": "2026-03-11", **WHY}
    assert "不满30个自然日" in client.post(page("finding_new", case.pk), form).content.decode()
    client.post(page("finding_new", case.pk), form | {"early_reason": "已随父母外出务工"})
    assert "认定辍学（提前认定）" in client.get(page("case", case.pk)).content.decode()
    assert client.get(page("finding_new", case.pk)).status_code == 302


def test_closing_by_the_form_with_its_scan(cast: Cast, case: Case) -> None:
    client = login(cast.principal)
    html = client.get(page("case_close", case.pk)).content.decode()
    assert 'value="not_confirmed"' not in html
    form = {"outcome": Outcome.TRANSFERRED, "seen": "report", "on": "2026-03-11", "paper": "接收回执 3号"}
    lacking = client.post(page("case_close", case.pk), form)
    assert (lacking.status_code, "请上传证明材料的扫描件" in lacking.content.decode()) == (422, True)
    client.post(page("case_close", case.pk), form | {"scan": SimpleUploadedFile("a.pdf", b"%PDF-1.4 x %%EOF")})
    case.refresh_from_db()
    assert (case.outcome, case.attachments.count()) == (Outcome.TRANSFERRED, 1)
    assert not Proposal.objects.open().exists()
    html = client.get(page("case", case.pk)).content.decode()
    assert "转学就读" in html
    assert "学籍还是本校在读" in html
    again = client.post(page("case_close", case.pk), form, follow=True)
    assert "王校长 8:00 已完成此步，个案现在是「结案」阶段。" in again.content.decode()


def test_a_report_by_the_form_its_receipt_and_scan(cast: Cast, case: Case) -> None:
    client = login(cast.clerk)
    form = {"kind": NoticeKind.REPORT, "number": "青校〔2026〕3号", "dated_on": "2026-03-11", "signer": "王校长",
            "addressees": [Addressee.BUREAU]}  # fmt: skip
    client.post(page("notice_new", case.pk), form | {"scan": SimpleUploadedFile("a.jpg", picture())})
    one = Notice.objects.get()
    assert one.attachments.count() == 1
    client.post(page("notice", one.pk), {"received_by": "县教育局 基教股", "received_on": "2026-03-11"})
    client.post(
        page("notice_scan", one.pk), {"file": SimpleUploadedFile("b.pdf", b"%PDF-1.4 y %%EOF"), "caption": "回执"}
    )
    one.refresh_from_db()
    assert (one.received_by, one.attachments.count()) == ("县教育局 基教股", 2)
    assert "签收：县教育局 基教股" in client.get(page("case", case.pk)).content.decode()


def test_outside_papers_by_the_form(cast: Cast, case: Case) -> None:
    report(case, cast.clerk, WEDNESDAY)
    stages.advance(actor=cast.clerk, case=case, to=Stage.VISIT)
    stages.advance(actor=cast.principal, case=case, to=Stage.ENFORCE)
    client = login(cast.clerk)
    form = {"paper": "order", "issuer": "青石乡人民政府", "number": "1号", "served_on": "2026-03-11",
            "served_how": "直接送达", "due_on": "2026-03-18"}  # fmt: skip
    refused = client.post(page("legal_act_new", case.pk), form)
    assert "之前要先登记「宣传教育(批评教育)」的文书。" in refused.content.decode()
    client.post(page("legal_act_new", case.pk), form | {"paper": "education", "number": "0号", "due_on": ""})
    client.post(page("legal_act_new", case.pk), form)
    order = case.legal_acts.get(step=2)
    client.post(page("legal_act", order.pk), {"result": "3月18日送返"})
    client.post(page("legal_act_scan", order.pk), {"file": SimpleUploadedFile("b.jpg", picture())})
    order.refresh_from_db()
    assert (order.result, order.attachments.count()) == ("3月18日送返", 1)
    assert "责令限期改正 3/11" in client.get(page("case", case.pk)).content.decode()


def test_asking_and_sending_back(cast: Cast, case: Case) -> None:
    asked = Proposal.objects.get()
    client = login(cast.principal)
    assert (
        "退回要写明缺什么"
        in client.post(page("proposal_return", asked.pk), {"answer": ""}, follow=True).content.decode()
    )
    client.post(page("proposal_return", asked.pk), {"answer": "缺接收学校回执"})
    html = login(cast.head).get(page("case", case.pk)).content.decode()
    assert "退回提请销号" in html
    assert "缺接收学校回执" in html
    again = login(cast.head).post(page("case_propose", case.pk), {"kind": "close", "text": "回执补来了"}, follow=True)
    assert "已提请，等校长答复。" in again.content.decode()
    assert login(cast.clerk).post(page("proposal_return", asked.pk), {"answer": "缺回执原件"}).status_code == 403


def test_facts_of_two_people_meet(cast: Cast, case: Case) -> None:
    form = {"seen": facts.fingerprint(case), "reasons": ["01"], "whereabouts": "05", "whereabouts_text": "广东东莞"}
    login(cast.head).post(page("case_facts", case.pk), form)
    late = login(cast.clerk).post(page("case_facts", case.pk), form | {"whereabouts": "01", "whereabouts_text": "在家"})
    html = late.content.decode()
    assert late.status_code == 422
    assert "现在存着的内容" in html
    assert "省外务工：广东东莞" in html
    assert 'value="在家"' in html  # what was typed is not lost
    case.refresh_from_db()
    assert case.whereabouts == "05"
    login(cast.clerk).post(
        page("case_facts", case.pk), form | {"whereabouts": "01", "seen": late.context["form"].data["seen"]}
    )
    case.refresh_from_db()
    assert case.whereabouts == "01"


def test_responsible_by_the_form(cast: Cast, case: Case) -> None:
    client = login(cast.clerk)
    html = client.get(page("case_responsible", case.pk)).content.decode()
    assert "孙老师" in html
    assert "远老师" not in html
    assert ">管理员</option>" not in html
    client.post(page("case_responsible", case.pk), {"responsible": cast.subject.pk})
    case.refresh_from_db()
    assert case.responsible == cast.subject


def test_a_case_opened_by_hand(cast: Cast) -> None:
    client = login(cast.clerk)
    client.post(page("case_new", cast.pupils[4].pk), {"source": "lead", "note": "邻居说已外出务工"})
    made = Case.objects.get(student=cast.pupils[4])
    assert (made.source, made.opened_by) == ("lead", cast.clerk)
    assert client.get(page("case_new", cast.pupils[4].pk))["Location"] == page("case", made.pk)


# --- Files ------------------------------------------------------------------------------------------------


def test_files_are_served_apart_from_our_pages(cast: Cast, case: Case) -> None:
    contact = record_contact(
        actor=cast.head, student=case.student, way=Way.VISIT, on=WEDNESDAY, met=Met.NOBODY, result=Result.UNREACHABLE
    )
    photo = attachments.attach(actor=cast.head, to=contact, upload=SimpleUploadedFile("x.jpg", picture()))
    scan = attachments.attach(
        actor=cast.head, to=contact, upload=SimpleUploadedFile("<b>x.html", b"%PDF-1.4<script>alert(1)</script>")
    )
    client = login(cast.head)
    shown, saved = client.get(page("attachment", photo.pk)), client.get(page("attachment", scan.pk))
    for answer in (shown, saved):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (shown["Content-Type"], shown["Content-Disposition"]) == (
        "image/jpeg",
        f'inline; filename="photo-{photo.pk}.jpg"',
    )
    assert saved["Content-Disposition"] == f'attachment; filename="scan-{scan.pk}.pdf"'
    assert saved["Content-Type"] == "application/pdf"


def test_a_file_that_is_gone_is_a_404(cast: Cast, case: Case) -> None:
    kept = Attachment.objects.get()
    kept.file.storage.delete(kept.file.name)
    assert login(cast.head).get(page("attachment", kept.pk)).status_code == 404


def test_papers_module_is_what_the_forms_call(cast: Cast, case: Case) -> None:
    """A paper without its number, sent by hand around the browser's own checks, is refused in our words."""
    answer = login(cast.clerk).post(page("notice_new", case.pk), {"kind": "report", "dated_on": "2026-03-11"})
    assert "请填写文号" in answer.content.decode()
    assert not papers.Notice.objects.exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "report",
            [
                "关于李建军同学疑似辍学情况的报告",
                "云岭县教育局：",
                "第二十八条、第八十三条",
                "家访1次，见到监护人1次",
                "送达回证",
            ],
        ),
        ("persuasion", ["义务教育阶段学生劝学通知书", "李建军家长：", "请在接到本通知书之日起7日内"]),
        ("referral", ["关于李建军同学疑似辍学情况的移送函", "青石乡人民政府：", "第五十八条"]),
    ],
)
def test_the_schools_papers_print_with_what_the_file_knows(cast: Cast, case: Case, kind: str, words: list[str]) -> None:
    html = login(cast.clerk).get(page("letter", case.pk, kind)).content.decode()
    for word in words:
        assert word in html, word
    assert case.student.id_no.reveal() not in html
    assert login(cast.head).get(page("letter", case.pk, kind)).status_code == 403
    assert login(cast.far_clerk).get(page("letter", case.pk, kind)).status_code == 404


def test_no_penalty_is_printed_by_a_school(cast: Cast, case: Case) -> None:
    assert login(cast.clerk).get(page("letter", case.pk, "penalty")).status_code == 404
