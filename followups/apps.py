from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "followups"
    verbose_name = "个案"

    def ready(self) -> None:
        from followups import books, cards, casepage, dropped, graduates, traces, watching
        from students import changes

        cards.connect()
        graduates.connect()
        watching.connect()
        changes.prefills.append(casepage.of_closed_case)
        dropped.connect()
        traces.explain()
        books.register()
