from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = "到校日报"

    def ready(self) -> None:
        from attendance import cards, detection, leaves, opening, services, traces
        from schools import calendar, jobs
        from students import roll

        cards.connect()
        opening.connect()
        leaves.connect()
        # Before anybody reports: yesterday's silence counts from midnight on, and the morning finds the lists ready.
        jobs.register(jobs.DETECTION, detection.recompute_all, jobs.daily(6))
        calendar.report_checks.append(services.has_reports)
        roll.changed.append(detection.roll_changed)
        traces.explain()
