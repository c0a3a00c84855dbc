"""Addresses of 开学: registration, entry notices, the finished classes, the new school year."""

from django.urls import path

from students.views import handovers, new_year, opening

urlpatterns = [
    path("opening/", opening.overview, name="opening"),
    path("opening/list/", opening.due_list, name="opening_list"),
    path("opening/letter/", opening.letter, name="opening_letter"),
    path("opening/classes/<int:pk>/", opening.of_class, name="opening_class"),
    path("opening/classes/<int:pk>/arrived/", opening.class_arrived, name="opening_class_arrived"),
    path("opening/pupils/<int:pk>/", opening.of_pupil, name="registration"),
    path("opening/pupils/<int:pk>/arrived/", opening.arrived, name="registration_arrived"),
    path("handovers/", handovers.handover_list, name="handovers"),
    path("handovers/new/", handovers.handover_new, name="handover_new"),
    path("handovers/<int:pk>/", handovers.handover, name="handover"),
    path("new-year/", new_year.turn, name="new_year"),
    path("new-year/classes/<int:pk>/take-back/", new_year.take_back, name="graduation_take_back"),
]
