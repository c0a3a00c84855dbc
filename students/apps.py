from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "学籍"

    def ready(self) -> None:
        from schools import jobs
        from students import hub, imports, opening_todos, traces
        from students.rollcheck import todo as rollcheck_todo

        traces.explain()
        opening_todos.connect()
        hub.register("开学报到", "students:opening", "各班应报到、已报到、未报到、未登记，报送未报到学生名单。")
        hub.register("新学年升级", "students:new_year", "毕业班毕业、新班开班；先看清楚，再确认。")
        jobs.register("imports", imports.forget_old_previews, jobs.daily(16, 30))
        rollcheck_todo.connect()
