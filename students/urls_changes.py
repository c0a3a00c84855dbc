"""Addresses of 学籍异动: recording, one change with its papers and steps, the lists."""

from django.urls import path

from students.views import change_lists, changes, papers

urlpatterns = [
    path("students/<int:pk>/change/<slug:kind>/", changes.change_new, name="change_new"),
    path("registry/new/<slug:kind>/", changes.newcomer, name="newcomer"),
    path("registry/changes/", change_lists.change_list, name="change_list"),
    path("registry/changes/missing/", change_lists.missing_papers, name="missing_papers"),
    path("registry/changes/away/", change_lists.not_arrived, name="not_arrived"),
    path("registry/changes/suspended/", change_lists.suspensions, name="suspensions"),
    path("registry/changes/clusters/", change_lists.clusters, name="clusters"),
    path("registry/changes/<int:pk>/", changes.change, name="change"),
    path("registry/changes/<int:pk>/settle/", changes.change_settle, name="change_settle"),
    path("registry/changes/<int:pk>/void/", changes.change_void, name="change_void"),
    path("registry/changes/<int:pk>/correct/", changes.change_correct, name="change_correct"),
    path("registry/changes/<int:pk>/paper/<slug:code>/", changes.paper_new, name="paper_new"),
    path("registry/steps/<int:pk>/", changes.step_finish, name="step_finish"),
    path("registry/papers/<int:pk>/", papers.paper_file, name="paper_file"),
    path("registry/papers/<int:pk>/void/", papers.paper_void, name="paper_void"),
]
