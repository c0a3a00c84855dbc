"""The books of 学籍异动: lists, figures and paper forms, and which forms a recorded 异动 has."""

from django.urls import reverse

from schools import books
from schools.books import Book
from students import changepage
from students.books import checklist, due, figures, ledgers, placement, register, suspension, transfer
from students.codes import Change
from students.models import RollChange

_GROUP, _BLANK = "学籍", "空白表格"
_PERIOD = ("term?", "month?", "classroom?", "on")

LISTS = (
    Book(
        "changes", "学籍异动登记册", _GROUP, register.register, ("choice?", *_PERIOD), register.CHOICES,
        choice_label="类别",
        note="一学期或一个月的全部异动：类别、原班、去向、文号、经办人。",
    ),
    Book("suspension-ledger", "休学台账", _GROUP, ledgers.suspensions, _PERIOD, note="休学和续休，到复学为止。"),
    Book("transfer-ledger", "转学台账", _GROUP, ledgers.transfers, _PERIOD, note="转出、转入各一张，带材料是否齐全。"),
    Book("guest-ledger", "寄读（借读）台账", _GROUP, ledgers.guests, _PERIOD, note="籍在人不在和人在籍不在的学生。"),
    Book("retention-ledger", "降级（留级）台账", _GROUP, ledgers.retained, _PERIOD, note="留级学生和教育局审签文号。"),
    Book(
        "transfer-figures", "转入转出休学统计表", _GROUP, figures.transfers_by_class, _PERIOD,
        note="按班级、按月份的人数、证明份数和齐全率。",
    ),
    Book("pace", "学籍异动办结统计", _GROUP, figures.pace, _PERIOD, note="按期办结和超期的笔数、环节和学生。"),
    Book(
        "suspensions-due", "休学到期名单", _GROUP, due.suspensions_due, ("choice?", "classroom?", "on"), due.CHOICES,
        note="快到期、已期满和要按辍学核查的休学学生。",
    ),
    Book("deaths", "死亡学生学籍注销名单", _GROUP, register.deaths, _PERIOD, note="凭证明报主管部门注销学籍的学生。"),
)  # fmt: skip

_C = Change
FORMS: tuple[tuple[Book, tuple[Change, ...]], ...] = tuple(
    (Book(key, title, _BLANK, draw, ("about?",), note=note, unit="张"), kinds)
    for key, title, draw, kinds, note in (
        ("transfer-application", "中小学生转学申请表", transfer.application, transfer.TRANSFERS,
         "四方盖章：转入校、转入局、转出校、转出局。"),
        ("transfer-letter", "转学联系函", transfer.letter, transfer.TRANSFERS, "给对方学校的函，下附回执。"),
        ("transfer-certificate", "转学证明", transfer.certificate, (_C.TRANSFER_OUT,),
         "一页三联：存根、证明、接收回执。"),
        ("transfer-checklist", "转入学生接收核对单", checklist.checklist, (_C.TRANSFER_IN,),
         "转学手续不全的，不办接收完成。"),
        ("elsewhere-proof", "在外就读证明", transfer.elsewhere, transfer.AWAY, "请就读学校填写盖章。"),
        ("suspension-application", "中小学生休学（续休）申请表", suspension.suspension, (_C.SUSPENSION,),
         "监护人申请、学校和教育局审核；有自愿声明。"),
        ("suspension-certificate", "休学证明", suspension.certificate, (_C.SUSPENSION,), "存根和证明两联。"),
        ("resumption-application", "中小学生复学申请表", suspension.resumption, suspension.BACK,
         "休学期满或提前复学，附康复证明。"),
        ("resumption-notice", "复学通知单", suspension.notice, suspension.BACK, "存根和交班主任的通知两联。"),
        ("guest-form", "借读（寄读）学生登记表", placement.guest, placement.SEATED_ELSEWHERE,
         "人在籍不在、籍在人不在的学生。"),
        ("home-teaching-form", "送教上门学生安置表", placement.home_teaching, (_C.HOME_TEACHING,),
         "不能到校的残疾学生，纳入学籍。"),
        ("change-approval", "学籍异动（变更）审批表", placement.approval, placement.APPROVED,
         "跳级、留级、出国(境)、专门学校、死亡、失踪和班级调整。"),
        ("deferral-application", "适龄儿童缓学申请表", suspension.deferral, (),
         "残疾等身体原因暂不能入学的适龄儿童，从摸底册里打开。"),
    )
)  # fmt: skip


def register_books() -> None:
    books.register(*LISTS, *(book for book, _ in FORMS))
    changepage.printed.append(books_for)


def books_for(change: RollChange) -> list[tuple[str, str]]:
    """Title and address of each form that a recorded 异动 has; a voided one has none."""
    if change.voided_at:
        return []
    return [
        (book.title, f"{reverse('schools:book', args=(book.key,))}?about={change.pk}")
        for book, kinds in FORMS
        if change.kind in kinds
    ]
