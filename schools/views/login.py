"""Logging in and out, and the password."""

from django.conf import settings
from django.contrib import auth, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from schools import login as sessions
from schools.access import UserRequest, access
from schools.codes import Verb
from schools.forms.login import ChangePasswordForm, LoginForm, NewPasswordForm
from schools.views.shared import form_page


@access(public=True)
@form_page
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """A page for a person with a name and a password."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if form.is_valid():
            with transaction.atomic():
                auth.login(request, form.get_user())
                sessions.record(Verb.LOGIN, form.get_user())
            return redirect(_next(request))
        if username := form.cleaned_data.get("username"):
            sessions.record_failure(username)
    return render(request, "schools/login.html", {"form": form})


@access(any_role=True)
@require_POST
def logout(request: UserRequest) -> HttpResponse:
    """End the login, and let the browser forget the pages of this person."""
    with transaction.atomic():
        sessions.record(Verb.LOGOUT, request.user)
        auth.logout(request)
    response = redirect("schools:login")
    response["Clear-Site-Data"] = '"cache"'
    return response


@access(any_role=True)
@form_page
@never_cache
@sensitive_post_parameters()
def password(request: UserRequest) -> HttpResponse:
    """A new password; after a one-time slip nothing else opens before it is chosen."""
    forced = request.user.must_change_password
    form = (NewPasswordForm if forced else ChangePasswordForm)(
        request.user, request.POST if request.method == "POST" else None
    )
    if form.is_valid():
        sessions.change_password(user=request.user, new=form.cleaned_data["new_password1"])
        auth.update_session_auth_hash(request, request.user)
        messages.success(request, "密码已改。其他电脑和手机上的登录已经退出。")
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "schools/password.html", {"form": form, "forced": forced})


def _next(request: HttpRequest) -> str:
    """Where the login leads: a page of this site, or the first page."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else settings.LOGIN_REDIRECT_URL
