from django.urls import path

from students.views import pupils

app_name = "students"
urlpatterns = [
    path("students/", pupils.pupil_list, name="list"),
    path("students/find/", pupils.find_by_number, name="find"),
    path("students/<int:pk>/", pupils.card, name="card"),
    path("students/<int:pk>/phones/", pupils.phones, name="phones"),
    path("students/<int:pk>/reveal/", pupils.reveal, name="reveal"),
]
