from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = "个案"

    def ready(self) -> None:
        from followups import cards, exporting, graduates, traces, watching
        from schools import jobs

        cards.connect()
        graduates.connect()
        watching.connect()
        jobs.register("exports", exporting.sweep, jobs.daily(16, 30))
        traces.explain()
