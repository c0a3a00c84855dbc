from django.urls import URLPattern, path, register_converter

from kongchuo.converters import DateConverter
from schools.views import audit, books, calendar, classrooms, guide, login, people, policy, setup

register_converter(DateConverter, "date")

app_name = "schools"
urlpatterns: list[URLPattern] = [
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("password/", login.password, name="password"),
    path("setup/", setup.wizard, name="setup"),
    path("setup/<slug:step>/", setup.wizard, name="setup_step"),
    path("people/", people.people_list, name="people"),
    path("people/add/", people.person_add, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/duty/", people.duty_give, name="duty_give"),
    path("people/<int:pk>/slip/", people.slip, name="slip"),
    path("people/<int:pk>/slip/new/", people.slip_new, name="slip_new"),
    path("people/<int:pk>/out/", people.person_out, name="person_out"),
    path("people/<int:pk>/back/", people.person_back, name="person_back"),
    path("people/duties/<int:pk>/end/", people.duty_end, name="duty_end"),
    path("people/duties/<int:pk>/withdraw/", people.duty_withdraw, name="duty_withdraw"),
    path("classrooms/", classrooms.classroom_list, name="classrooms"),
    path("classrooms/add/", classrooms.classroom_add, name="classroom_add"),
    path("classrooms/<int:pk>/dissolve/", classrooms.classroom_dissolve, name="classroom_dissolve"),
    path("classrooms/<int:pk>/head/", classrooms.classroom_head, name="classroom_head"),
    path("calendar/", calendar.school_calendar, name="calendar"),
    path("calendar/<date:on>/", calendar.calendar_day, name="calendar_day"),
    path("calendar/<date:on>/open/", calendar.day_open, name="day_open"),
    path("calendar/<date:on>/close/", calendar.day_close, name="day_close"),
    path("calendar/terms/add/", calendar.term_add, name="term_add"),
    path("calendar/terms/<int:pk>/", calendar.term_adjust, name="term_adjust"),
    path("calendar/holidays/<int:year>/", calendar.holiday_year, name="holidays"),
    path("calendar/holidays/<int:pk>/remove/", calendar.holiday_remove, name="holiday_remove"),
    path("policy/", policy.rules, name="policy"),
    path("policy/history/", policy.rules_history, name="policy_history"),
    path("policy/presets/<int:number>/", policy.preset, name="preset"),
    path("policy/<slug:key>/", policy.rule_change, name="rule_change"),
    path("books/", books.book_list, name="books"),
    path("books/<slug:key>/", books.book, name="book"),
    path("books/<slug:key>/export/", books.book_export, name="book_export"),
    path("exports/", books.ledger, name="exports"),
    path("exports/<int:pk>/", books.export, name="export"),
    path("exports/<int:pk>/file/", books.export_file, name="export_file"),
    path("exports/<int:pk>/decide/", books.export_decide, name="export_decide"),
    path("audit/", audit.entries, name="audit"),
    path("audit/check/", audit.chain_check, name="audit_check"),
    path("help/", guide.help_index, name="help"),
    path("help/<slug:role>/", guide.help_page, name="help_role"),
]
