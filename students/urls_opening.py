"""Addresses of 开学: registration, entry notices, the finished classes, the new school year."""

from django.urls import path

from students.views import entry_notices, handovers, new_year, opening

urlpatterns = [
    path("opening/", opening.overview, name="opening"),
    path("opening/list/", opening.due_list, name="opening_list"),
    path("opening/letter/", opening.letter, name="opening_letter"),
    path("opening/classes/<int:pk>/", opening.of_class, name="opening_class"),
    path("opening/classes/<int:pk>/arrived/", opening.class_arrived, name="opening_class_arrived"),
    path("opening/pupils/<int:pk>/", opening.of_pupil, name="registration"),
    path("opening/pupils/<int:pk>/arrived/", opening.arrived, name="registration_arrived"),
    path("entry-notices/", entry_notices.notice_list, name="entry_notices"),
    path("entry-notices/new/", entry_notices.notice_new, name="entry_notice_new"),
    path("entry-notices/<int:pk>/", entry_notices.notice, name="entry_notice"),
    path("entry-notices/<int:pk>/correct/", entry_notices.correct, name="entry_notice_correct"),
    path("entry-notices/<int:pk>/serve/", entry_notices.serve, name="entry_notice_serve"),
    path("entry-notices/<int:pk>/unserve/", entry_notices.unserve, name="entry_notice_unserve"),
    path("entry-notices/<int:pk>/arrive/", entry_notices.arrive, name="entry_notice_arrive"),
    path("handovers/", handovers.handover_list, name="handovers"),
    path("handovers/new/", handovers.handover_new, name="handover_new"),
    path("handovers/<int:pk>/", handovers.handover, name="handover"),
    path("new-year/", new_year.turn, name="new_year"),
    path("new-year/classes/<int:pk>/take-back/", new_year.take_back, name="graduation_take_back"),
]
