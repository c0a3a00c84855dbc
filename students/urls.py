from django.urls import path

from students.urls_card import urlpatterns as card
from students.urls_changes import urlpatterns as changes
from students.urls_opening import urlpatterns as opening
from students.urls_rollcheck import urlpatterns as rollcheck
from students.urls_survey import urlpatterns as survey
from students.views import imports, office, office_lists, pupils

app_name = "students"
urlpatterns = [
    path("students/", pupils.pupil_list, name="list"),
    path("students/find/", pupils.find_by_number, name="find"),
    *card,
    path("registry/", office.roll_office, name="roll_office"),
    *changes,
    *opening,
    *rollcheck,
    *survey,
    path("import/", imports.upload, name="import_upload"),
    path("import/<int:pk>/", imports.preview, name="import_preview"),
    path("import/staff/", office_lists.staff_list, name="staff_import"),
    path("import/staff/confirm/", office_lists.staff_confirm, name="staff_import_confirm"),
    path("import/classes/", office_lists.class_list, name="class_import"),
    path("import/classes/confirm/", office_lists.class_confirm, name="class_import_confirm"),
    path("import/<int:pk>/columns/", imports.columns, name="import_columns"),
    path("import/<int:pk>/refused/", imports.refused, name="import_refused"),
    path("import/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("import/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("import/<int:pk>/drop/", imports.drop, name="import_drop"),
]
