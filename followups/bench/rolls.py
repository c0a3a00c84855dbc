"""The roll: its list and its search on the page, and the 花名册 as a workbook."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO

from django.urls import reverse

from followups.bench import floors
from followups.bench.measure import Figure, in_turns, once, queries
from followups.bench.pages import browser
from followups.bench.setting import TODAY, Setting
from kongchuo import dates, xlsx
from kongchuo.sheets import Sheet, Stamp
from schools import books
from schools.books import Asked, Order
from schools.codes import ExportFormat
from schools.models import User
from students.models import Student

STAMP = Stamp("测量", dates.at(TODAY, 9))
ROWS = 5000


def measure(setting: Setting) -> Iterator[Figure]:
    yield from lists(setting)
    yield from workbook(setting)


def lists(setting: Setting) -> Iterator[Figure]:
    """The list of a school of 3 000 and what a search in it costs, beside fifty rows with nothing around them."""
    url = reverse("students:list")
    client = browser(setting.principals[60])
    pupils = Student.objects.filter(school=setting.sixty)
    name = pupils.order_by("pk").values_list("name", flat=True)[0]
    bare = f"/floor/pupils/{setting.sixty.pk}/"
    for what, query in (("名单", {}), ("按姓名找", {"q": name}), ("按拼音找", {"q": "z"})):
        ours, floor = in_turns(partial(client.get, url, query), partial(client.get, bare), 60)
        note = f"墙钟 {ours.wall:.1f} / {floor.wall:.1f} ms"
        yield Figure(f"学生{what} {pupils.count()}人", ours.cpu, "CPU ms", floor.cpu, 3, note)
    for classes, principal in setting.principals.items():
        asked = queries(partial(browser(principal).get, url))
        yield Figure(f"学生名单 {classes}班 查询", asked, "次", limit=12)


def workbook(setting: Setting) -> Iterator[Figure]:
    """Five thousand rows of the 花名册: those of a school of 3 000, some of them twice."""
    asked = Asked(user=_fresh(setting.principals[60]), school=setting.sixty, on=TODAY)
    book = books.registry["roster"]
    roster = book.sheets(asked)[0]
    assert isinstance(roster, Sheet)
    listed = list(roster.rows)
    whole = Sheet(
        roster.title, roster.columns, (listed * 2)[:ROWS], name=roster.name, head=roster.head, paper=roster.paper
    )
    headers, values = [column.header for column in whole.columns], list(whole.lines([]))
    ours, floor = in_turns(
        lambda: xlsx.write_workbook([whole], xlsx.Edition.PRINT, STAMP),
        lambda: floors.workbook(headers, values, BytesIO()),
        7,
    )
    note = f"墙钟 {ours.wall / 1000:.2f} / {floor.wall / 1000:.2f} s"
    yield Figure(f"花名册 {len(values)}人 xlsx", ours.cpu, "CPU ms", floor.cpu, 1.5, note)
    order = Order(book, asked, ExportFormat.XLSX)
    full = once(lambda: books.make(order, STAMP))
    yield Figure(f"花名册 {len(listed)}人 xlsx 连查询", full.cpu, "CPU ms", note="只作参考，不设限")


def _fresh(user: User) -> User:
    """With the duties of the bench's day, whatever day it was when the person was made."""
    vars(user).pop("duties_today", None)
    return user
