from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "students"
    verbose_name = "学籍"

    def ready(self) -> None:
        from students import traces

        traces.explain()
