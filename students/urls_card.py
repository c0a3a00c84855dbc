"""Addresses of the pupil's card: one child, what is known of it, its family, its groups."""

from django.urls import path

from students.views import card, family, groups

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
]
