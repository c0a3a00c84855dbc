"""开学 in the rest of the registry: what awaits whom, the way to its pages, its 表册."""

from schools import books
from students import entry_notices, handovers, hub, opening_todos
from students.books import entry_notices as entry_notice_books
from students.books import opening as opening_books


def connect() -> None:
    books.register(*opening_books.BOOKS, *entry_notice_books.BOOKS)
    opening_todos.connect()
    entry_notices.connect()
    handovers.connect()
    hub.register("开学报到", "students:opening", "各班应报到、已报到、未报到、未登记，报送未报到学生名单。")
    hub.register("入学通知书", "students:entry_notices", "一人一份，编号打印，登记送达；孩子来了在这里核销入学。")
    hub.register("毕业班整班移交", "students:handovers", "移交名册双方签字；开学后追踪谁没有到校。")
    hub.register("新学年升级", "students:new_year", "毕业班毕业、新班开班；先看清楚，再确认。")
