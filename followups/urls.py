from django.urls import path

from followups.views import cases, contacts, desk, facts, overview, papers, register, steps

app_name = "followups"
urlpatterns = [
    path("cases/", cases.case_list, name="case_list"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/advance/", steps.case_advance, name="case_advance"),
    path("cases/<int:pk>/finding/", steps.finding_new, name="finding_new"),
    path("cases/<int:pk>/close/", steps.case_close, name="case_close"),
    path("cases/<int:pk>/propose/", steps.case_propose, name="case_propose"),
    path("cases/<int:pk>/facts/", facts.case_facts, name="case_facts"),
    path("cases/<int:pk>/responsible/", facts.case_responsible, name="case_responsible"),
    path("cases/<int:pk>/notice/", papers.notice_new, name="notice_new"),
    path("cases/<int:pk>/letter/<slug:kind>/", papers.letter, name="letter"),
    path("cases/<int:pk>/legal-act/", papers.legal_act_new, name="legal_act_new"),
    path("proposals/<int:pk>/return/", steps.proposal_return, name="proposal_return"),
    path("notices/<int:pk>/", papers.notice, name="notice"),
    path("notices/<int:pk>/scan/", papers.notice_scan, name="notice_scan"),
    path("legal-acts/<int:pk>/", papers.legal_act, name="legal_act"),
    path("legal-acts/<int:pk>/scan/", papers.legal_act_scan, name="legal_act_scan"),
    path("students/<int:pk>/case/", cases.case_new, name="case_new"),
    path("students/<int:pk>/contact/", contacts.contact_new, name="contact_new"),
    path("contacts/<int:pk>/photos/", contacts.contact_photos, name="contact_photos"),
    path("attachments/<int:pk>/", contacts.attachment, name="attachment"),
    path("register/", register.register_page, name="register"),
    path("register/export/", register.register_export, name="register_export"),
    path("", desk.desk, name="desk"),
    path("principal/", desk.principal, name="principal"),
    path("principal/<slug:key>/", desk.tile, name="tile"),
    path("overview/", overview.overview, name="overview"),
]
