from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = "学校"

    def ready(self) -> None:
        from kongchuo import checks  # noqa: F401 - the base layer is no app of its own; this registers its checks
        from schools import exporting, jobs

        jobs.register("exports", exporting.sweep, jobs.daily(16, 30))
