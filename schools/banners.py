"""Banners on top of every page: what everybody must know while it lasts."""

import datetime

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists
from django.http import HttpRequest
from django.http.request import split_domain_port

from kongchuo import dates
from schools import jobs
from schools.models import Job, SchoolDay, Unit

DETECTION_DUE = datetime.time(9, 30)
REMEMBERED = 60
"""Seconds for which a process keeps the answer about detection: one query a minute, not one a page."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def banners(request: HttpRequest, school: Unit | None) -> list[dict[str, str]]:
    """Kind and text of each banner that holds now."""
    said = []
    if settings.DEMO:
        day = dates.chinese(dates.today())
        said.append(("demo", f"演示：学校和人物都是虚构的，今天固定为{day}。不要填写真实学生的信息。"))
    if is_plain_http(request):
        said.append(("http", "本站没有加密（HTTP）：只在校内网络使用，不要在公共网络上登录。请管理员启用 HTTPS。"))
    if school and detection_is_old(school):
        said.append(("danger", "今天的连缺预警还没有计算，疑似辍学名单可能不全。请管理员查看服务器。"))
    return [{"kind": kind, "text": text} for kind, text in said]


def is_plain_http(request: HttpRequest) -> bool:
    """Whether this page crosses a network unencrypted. On the machine itself nothing does."""
    host, _ = split_domain_port(request.get_host())
    return not (settings.HTTPS or settings.DEMO or request.is_secure() or host in LOOPBACK)


def detection_is_old(school: Unit) -> bool:
    """Whether today is a school day, 09:30 has passed, and the server has not yet computed spells today."""
    if dates.now().time() < DETECTION_DUE or jobs.DETECTION not in jobs.registry:
        return False
    today = dates.today()
    ran = Job.objects.filter(name=jobs.DETECTION, ran_on=today)
    expected = SchoolDay.objects.filter(school=school, on=today)
    key = f"detection-is-old:{school.pk}:{today}"
    return bool(cache.get_or_set(key, lambda: expected.exclude(Exists(ran)).exists(), REMEMBERED))
