from django.urls import URLPattern, path, register_converter

from attendance.views import day, leave, roll
from kongchuo.converters import DateConverter

register_converter(DateConverter, "day")

app_name = "attendance"
urlpatterns: list[URLPattern] = [
    path("roll/", roll.my_roll, name="my_roll"),
    path("roll/receipt/<int:pk>/", roll.receipt, name="receipt"),
    path("roll/phone/<int:student>/", roll.phone, name="phone"),
    path("roll/<int:pk>/", roll.roll_call, name="roll_call"),
    path("roll/<int:pk>/<day:on>/", roll.roll_call_on, name="roll_call_on"),
    path("roll/<int:pk>/<day:on>/arrived/<int:student>/", roll.arrived, name="arrived"),
    path("leave/", leave.leave_list, name="leaves"),
    path("leave/often/", leave.leave_frequent, name="leave_frequent"),
    path("leave/<int:pk>/", leave.leave, name="leave"),
    path("leave/<int:pk>/decide/", leave.leave_decide, name="leave_decide"),
    path("leave/<int:pk>/void/", leave.leave_void, name="leave_void"),
    path("students/<int:student>/leave/", leave.leave_new, name="leave_new"),
    path("day/", day.school_day, name="school_day"),
    path("day/<day:on>/", day.school_day, name="school_day_on"),
    path("day/<day:on>/verify/<int:student>/", day.verify, name="verify"),
    path("day/<day:on>/review/", day.review, name="review"),
]
