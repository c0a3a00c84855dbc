from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "学籍"

    def ready(self) -> None:
        from schools import jobs
        from students import alerts, card_todos, changepage, imports, starting, survey_todos, traces
        from students.books import changes as change_books
        from students.books import children, rolls
        from students.rollcheck import books as rollcheck_books
        from students.rollcheck import todo as rollcheck_todo

        traces.explain()
        alerts.connect()
        changepage.connect()
        rolls.register()
        children.register()
        change_books.register_books()
        starting.connect()
        card_todos.connect()
        survey_todos.connect()
        jobs.register("imports", imports.forget_old, jobs.daily(16, 30))
        rollcheck_todo.connect()
        rollcheck_books.register()
