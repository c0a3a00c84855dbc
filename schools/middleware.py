"""The gate in front of every view."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from schools import setup


class AccessMiddleware:
    """Applies each view's declared policy (`schools.access`), and keeps personal pages out of caches.

    A person without a fitting duty gets the same 403 for every object, real or not; foreign objects are the
    views' own 404.
    """

    while_password_is_old = frozenset({"schools:password", "schools:logout"})
    while_no_school = frozenset({"schools:setup", "schools:setup_step"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        policy = getattr(view, "access", None)
        if policy is None:
            raise PermissionDenied("这个页面没有声明使用范围。")
        user = request.user
        page = request.resolver_match.view_name if request.resolver_match else ""
        # Whoever has logged in belongs to a school: only strangers make the site ask whether there is one.
        if not user.is_authenticated and page not in self.while_no_school and not setup.school_exists():
            return redirect("schools:setup")
        if policy.public:
            return None
        if not user.is_authenticated:
            query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return redirect(f"{reverse('schools:login')}?{query}" if query else reverse("schools:login"))
        if user.must_change_password and page not in self.while_password_is_old:
            return redirect("schools:password")
        if policy.any_role or user.has(*policy.roles):
            return None
        raise PermissionDenied("你现在的岗位不能使用这个页面。")
