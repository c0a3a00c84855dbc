from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = "个案"

    def ready(self) -> None:
        from followups import books, cards, graduates, traces, watching

        cards.connect()
        graduates.connect()
        watching.connect()
        traces.explain()
        books.register()
