"""Addresses of the 学籍清查."""

from django.urls import path

from students.views import differences, rollchecks

urlpatterns = [
    path("rollchecks/", rollchecks.check_list, name="roll_checks"),
    path("rollchecks/new/", rollchecks.new_check, name="roll_check_new"),
    path("rollchecks/<int:pk>/", rollchecks.roll_check, name="roll_check"),
    path("rollchecks/<int:pk>/settle/", rollchecks.settle, name="roll_check_settle"),
    path("rollchecks/<int:pk>/repeat/", rollchecks.repeat, name="roll_check_repeat"),
    path("rollchecks/<int:pk>/close/", rollchecks.close, name="roll_check_close"),
    path("rollchecks/differences/<int:pk>/", differences.difference, name="difference"),
    path("rollchecks/differences/<int:pk>/mark/", differences.mark, name="difference_mark"),
    path("rollchecks/differences/<int:pk>/reopen/", differences.reopen, name="difference_reopen"),
]
