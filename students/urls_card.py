"""Addresses of the pupil's card: one child, what is known of it, its family, its groups."""

from django.urls import path

from students.views import card, completeness, family, groups, screening

urlpatterns = [
    path("students/<int:pk>/", card.card, name="card"),
    path("students/<int:pk>/phones/", card.phones, name="phones"),
    path("students/<int:pk>/reveal/", card.reveal, name="reveal"),
    path("students/<int:pk>/edit/<str:section>/", card.edit, name="edit"),
    path("students/<int:pk>/doubts/<str:kind>/", card.doubt_settle, name="doubt_settle"),
    path("students/<int:pk>/members/new/", family.member_new, name="member_new"),
    path("students/<int:pk>/members/<int:member>/", family.member_edit, name="member_edit"),
    path("students/<int:pk>/members/<int:member>/first/", family.member_first, name="member_first"),
    path("students/<int:pk>/members/<int:member>/remove/", family.member_remove, name="member_remove"),
    path("students/<int:pk>/members/<int:member>/phone/", family.member_phone, name="member_phone"),
    path("students/<int:pk>/tags/new/", groups.tag_new, name="tag_new"),
    path("students/<int:pk>/tags/<int:tag>/end/", groups.tag_end, name="tag_end"),
    path("students/<int:pk>/tags/<int:tag>/withdraw/", groups.tag_withdraw, name="tag_withdraw"),
    path("students/<int:pk>/checked/", completeness.checked, name="checked"),
    path("completeness/", completeness.overview, name="completeness"),
    path("completeness/list/", completeness.lacking, name="lacking"),
    path("completeness/classes/<int:pk>/checked/", completeness.class_checked, name="class_checked"),
    path("doubts/", completeness.doubt_list, name="doubts"),
    path("groups/", groups.group_page, name="groups"),
    path("visits/", family.to_visit, name="to_visit"),
    path("screening/", screening.overview, name="screenings"),
    path("screening/classes/<int:pk>/", screening.of_class, name="screening"),
]
