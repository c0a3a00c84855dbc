"""The school's own papers ready to print: 书面报告, 劝学通知书, 移送函.

What the file knows stands in them; number, seal and signature are put by hand. A full ID number never stands here:
the register that goes with a report carries it.
"""

from collections.abc import Callable

from followups.codes import NoticeKind, Reason
from followups.dossier import Dossier
from followups.models import Contact
from kongchuo import dates
from kongchuo.letters import Letter, unnumbered

CONTACTS_SHOWN = 20
"""A letter lists so many contacts; the rest are counted."""


def letter(dossier: Dossier, kind: NoticeKind, absence: str) -> Letter:
    """The paper of a kind about the child of this file; `absence` is the case page's word on how long."""
    case = dossier.case
    written = [notice for notice in dossier.notices if notice.kind == kind]
    number = written[-1].number if written else unnumbered(dossier.as_of)
    title, to, parts, enclosures = _KINDS[kind](dossier, absence)
    on = written[-1].dated_on if written else dossier.as_of
    return Letter(title, number, to, parts, case.school.name, on, enclosures)


Parts = tuple[tuple[str, tuple[str, ...]], ...]


def _report(dossier: Dossier, absence: str) -> tuple[str, str, Parts, str]:
    case = dossier.case
    parts: Parts = (
        ("一、基本情况", (_who(dossier),)),
        ("二、缺勤与认定经过", _found(dossier, absence)),
        ("三、劝返经过", _persuaded(dossier)),
        ("四、原因与去向", (_why(dossier),)),
        (
            "五、请求事项",
            (
                "依照《中华人民共和国未成年人保护法》第二十八条、第八十三条和《中华人民共和国义务教育法》第五十八条，"
                f"现将上述情况书面报告，请督促监护人依法送{case.student.name}接受义务教育。",
            ),
        ),
    )
    title = f"{case.school.name}关于{case.student.name}同学{_kind(dossier)}情况的报告"
    return (
        title,
        f"{case.school.county_name or '县(市、区)'}教育局",
        parts,
        "辍学学生登记表、家访记录及照片、文书签收材料",
    )


def _persuasion(dossier: Dossier, absence: str) -> tuple[str, str, Parts, str]:
    case, days = dossier.case, dossier.rules.count("notice_return_days")
    guardians = "、".join(guardian.name for guardian in case.student.guardians.all() if guardian.is_guardian)
    name, since = case.student.name, dates.chinese(case.left_on or dossier.since)
    parts: Parts = (
        (
            "",
            (
                f"你(们)的被监护人{name}({_grade(dossier)}学生)自{since}起未到校就读。",
                "依照《中华人民共和国义务教育法》第五条第二款，适龄儿童、少年的父母或者其他法定监护人应当依法保证其按时"
                "入学接受并完成义务教育。",
                f"请在接到本通知书之日起{days}日内送{name}到校复学。有生活、学习或其他困难的，请告诉学校，学校按规定帮助"
                "解决。逾期没有送返的，学校将依法书面报告教育行政部门和乡镇人民政府。",
            ),
        ),
    )
    return "义务教育阶段学生劝学通知书", guardians or "监护人", parts, ""


def _referral(dossier: Dossier, absence: str) -> tuple[str, str, Parts, str]:
    case = dossier.case
    parts: Parts = (
        ("", (_who(dossier), *_found(dossier, absence), *_persuaded(dossier), _why(dossier))),
        (
            "",
            (
                "学校劝返无效。依照《中华人民共和国义务教育法》第五十八条，请对监护人给予批评教育、责令限期改正，"
                f"督促其送{case.student.name}接受义务教育，并将处理结果告知学校。",
            ),
        ),
    )
    to = f"{case.school.township_name or '乡镇'}人民政府"
    return f"关于{case.student.name}同学{_kind(dossier)}情况的移送函", to, parts, "书面报告、登记表、家访记录及照片"


_KINDS: dict[NoticeKind, Callable[[Dossier, str], tuple[str, str, Parts, str]]] = {
    NoticeKind.REPORT: _report,
    NoticeKind.PERSUASION: _persuasion,
    NoticeKind.REFERRAL: _referral,
}


def _kind(dossier: Dossier) -> str:
    return "辍学" if dossier.dropout else "疑似辍学"


def _grade(dossier: Dossier) -> str:
    return dossier.case.classroom.label_on(dossier.as_of)


def _who(dossier: Dossier) -> str:
    student = dossier.case.student
    birth = f"{student.birth_date.year}年{student.birth_date.month}月生，" if student.birth_date else ""
    guardians = "、".join(
        f"{guardian.name}({guardian.get_relation_display() or '监护人'})" for guardian in student.guardians.all()
    )
    home = student.address or student.hukou_address or "未登记"
    child = f"{student.name}，{student.get_sex_display()}，{birth}{_grade(dossier)}学生。"
    return f"{child}监护人：{guardians or '未登记'}。现住址：{home}。"


def _found(dossier: Dossier, absence: str) -> tuple[str, ...]:
    lines = [f"自{dates.chinese(dossier.since)}起缺勤，到校日报记录：{absence}。"]
    lines += [
        f"{dates.chinese(finding.on)}经{finding.by.name}认定为{finding.get_kind_display()}。依据：{finding.basis}。"
        f"经查没有正当理由：{finding.unjustified}。"
        for finding in dossier.findings
    ]
    return tuple(line.replace("。。", "。") for line in lines)


def _persuaded(dossier: Dossier) -> tuple[str, ...]:
    head = (
        f"共联系{len(dossier.contacts)}次，其中家访{len(dossier.visits)}次，见到监护人{len(dossier.visits_met)}次。"
        if dossier.contacts
        else "尚未联系上。"
    )
    shown = dossier.contacts[-CONTACTS_SHOWN:]
    return (head, *(_attempt(contact) for contact in shown))


def _attempt(contact: Contact) -> str:
    company = f"，同行{contact.companions}" if contact.companions else ""
    met = f"{contact.get_met_display()}{contact.met_name}"
    attempt = f"{dates.chinese(contact.on)}，{contact.made_by.name}{contact.get_way_display()}{company}"
    return f"{attempt}：{met}，{contact.get_result_display()}。"


def _why(dossier: Dossier) -> str:
    case = dossier.case
    reasons = "、".join(Reason(code).label for code in case.reasons) or "正在了解"
    where = case.get_whereabouts_display() or "正在了解"
    detail = f"({case.reason_text})" if case.reason_text else ""
    place = f"({case.whereabouts_text})" if case.whereabouts_text else ""
    support = f"已采取的帮扶措施：{case.support}。" if case.support else ""
    return f"辍学原因：{reasons}{detail}。现去向：{where}{place}。{support}".replace("。。", "。")
