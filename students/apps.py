from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "学籍"

    def ready(self) -> None:
        from schools import jobs
        from students import imports, traces

        traces.explain()
        jobs.register("imports", imports.forget_old_previews, jobs.daily(16, 30))
