"""Addresses of the 摸底册 and the rates."""

from django.urls import path

from students.views import rates, survey, survey_import

urlpatterns = [
    path("rates/", rates.overview, name="rates"),
    path("rates/names/", rates.names, name="rate_names"),
    path("survey/", survey.summary, name="survey"),
    path("survey/children/", survey.child_list, name="survey_children"),
    path("survey/households/", survey.households, name="households"),
    path("survey/households/new/", survey.household_new, name="household_new"),
    path("survey/households/<int:pk>/", survey.household, name="household"),
    path("survey/households/<int:pk>/edit/", survey.household_edit, name="household_edit"),
    path("survey/households/<int:pk>/members/new/", survey.resident_new, name="resident_new"),
    path("survey/members/<int:pk>/", survey.resident, name="resident"),
    path("survey/members/<int:pk>/edit/", survey.resident_edit, name="resident_edit"),
    path("survey/members/<int:pk>/gone/", survey.resident_gone, name="resident_gone"),
    path("survey/members/<int:pk>/proof/", survey.resident_proof, name="resident_proof"),
    path("survey/members/<int:pk>/deferral/", survey.resident_deferral, name="resident_deferral"),
    path("survey/members/<int:pk>/link/", survey.resident_link, name="resident_link"),
    path("survey/members/<int:pk>/unlink/", survey.resident_unlink, name="resident_unlink"),
    path("survey/papers/<int:pk>/void/", survey.paper_void, name="resident_paper_void"),
    path("survey/import/", survey_import.upload, name="survey_import"),
    path("survey/import/<int:pk>/", survey_import.preview, name="survey_preview"),
    path("survey/import/<int:pk>/confirm/", survey_import.confirm, name="survey_confirm"),
    path("survey/import/<int:pk>/drop/", survey_import.drop, name="survey_drop"),
]
