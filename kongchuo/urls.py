"""All routes. Each view declares who may use it; a view without a declaration is refused."""

from django.urls import include, path

urlpatterns = [
    path("", include("followups.urls")),
    path("", include("attendance.urls")),
    path("", include("students.urls")),
    path("", include("schools.urls")),
]
