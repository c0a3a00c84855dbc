"""The site's routes and the floors beside them, in one process behind the same middleware."""

from django.urls import path

from followups.bench import floors
from kongchuo.urls import urlpatterns as site

urlpatterns = [
    *site,
    path("floor/insert/", floors.insert, name="floor_insert"),
    path("floor/pupils/<int:school>/", floors.pupils, name="floor_pupils"),
    path("floor/<slug:name>/", floors.page, name="floor_page"),
]
