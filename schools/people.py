"""People and their dated duties: adding a person, giving and ending a duty, one-time slips, putting out of use."""

import datetime
import re
import secrets
from collections.abc import Callable, Iterable
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from pypinyin import lazy_pinyin

from kongchuo import dates
from schools import audit
from schools.codes import CLASS_ROLES, KEEPERS, OVERSEERS, Role, Verb
from schools.models import Classroom, Duty, Unit, User

MANAGERS = (Role.PRINCIPAL, Role.ADMIN)
"""Who keeps the people of a school."""
SCHOOL_ROLES = tuple(role for role in Role if role not in OVERSEERS)
"""Duties that a school gives by itself."""

SLIP_HOURS = 72
# Without 0/o, 1/l/i: they are misread on paper. 31 signs, 12 of them: 59 bits.
SLIP_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
SLIP_LENGTH = 12
USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{1,29}$")


class PeopleRefusal(Exception):
    """A person or a duty can't be changed like this; the text says why."""


class DutyFacts(TypedDict):
    """What a duty is made of; `ends_on` is the last day."""

    role: str
    classroom: Classroom | None
    starts_on: datetime.date
    ends_on: datetime.date | None


def suggest_username(name: str) -> str:
    """A free login name from the pinyin of a name: 扎西卓玛 → zhaxizhuoma, the second one zhaxizhuoma2."""
    letters = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(name)).lower())[:24] or "ren"
    letters = letters if len(letters) > 1 else f"{letters}1"
    taken = set(User.objects.filter(username__startswith=letters).values_list("username", flat=True))
    number = 1
    while (username := letters if number == 1 else f"{letters}{number}") in taken:
        number += 1
    return username


def add_person(*, actor: User, school: Unit, name: str, username: str, phone: str, duty: DutyFacts) -> tuple[User, str]:
    """A new person with a first duty and a one-time slip. Returns both; the slip is nowhere else to be read."""
    with transaction.atomic():
        _require_manager(actor, school)
        try:
            with transaction.atomic():
                user = User.objects.create_user(username=username, name=name, phone=phone)
        except IntegrityError:
            raise PeopleRefusal("这个登录名已有人用，请换一个。") from None
        audit.record(Verb.PERSON, unit=school, actor=actor, about=user, added=username)
        give_duty(actor=actor, school=school, user=user, duty=duty)
        return user, issue_slip(actor=actor, school=school, user=user)


def change_person(*, actor: User, school: Unit, user: User, name: str, phone: str) -> None:
    """Set right a name or a phone number."""
    with transaction.atomic():
        _require_manager(actor, school)
        _require_ours(user, school)
        changed = [field for field, value in (("name", name), ("phone", phone)) if getattr(user, field) != value]
        user.name, user.phone = name, phone
        user.save(update_fields=("name", "phone"))
        audit.record(Verb.PERSON, unit=school, actor=actor, about=user, changed=changed)


def give_duty(*, actor: User, school: Unit, user: User, duty: DutyFacts) -> Duty:
    """Give a duty from a day on, with its last day if that is known."""
    role, classroom = duty["role"], duty["classroom"]
    with transaction.atomic():
        _require_manager(actor, school)
        if refusal := _why_not(actor, school, user, duty):
            raise PeopleRefusal(refusal)
        row = Duty(user=user, unit=school, **duty)
        row.full_clean()
        row.save()
        audit.record(
            Verb.DUTY,
            unit=school,
            actor=actor,
            about=user,
            given=role,
            classroom=classroom.pk if classroom else None,
            starts_on=duty["starts_on"],
            ends_on=duty["ends_on"],
        )
    return row


def end_duty(*, actor: User, duty: Duty, last_day: datetime.date) -> None:
    """End a duty with its last day. A day that has passed takes the rights away with the person's next click."""
    if last_day < duty.starts_on:
        raise PeopleRefusal(f"最后一天不能早于任职日期{dates.chinese(duty.starts_on)}；给错了的岗位请用「撤销」。")
    with transaction.atomic():
        _require_manager(actor, duty.unit)
        standing = Duty.objects.filter(pk=duty.pk).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=dates.today()))
        if standing.filter(ends_on=duty.ends_on).update(ends_on=last_day) != 1:
            raise PeopleRefusal("这个岗位已经结束，或刚刚被别人改动，请看最新的情况。")
        audit.record(
            Verb.DUTY,
            unit=duty.unit,
            actor=actor,
            about=duty.user,
            ended=duty.role,
            classroom=duty.classroom_id,
            ends_on=last_day,
        )
        _require_a_manager(duty.unit, max(last_day + datetime.timedelta(days=1), dates.today()))


def withdraw_duty(*, actor: User, duty: Duty) -> None:
    """Take back a duty that was given by mistake, today or for a day to come: it has not yet counted for anything."""
    if duty.starts_on < dates.today():
        raise PeopleRefusal("这个岗位已经任过，不能撤销，请填最后一天来结束它。")
    with transaction.atomic():
        _require_manager(actor, duty.unit)
        Duty.objects.filter(pk=duty.pk).delete()
        audit.record(
            Verb.DUTY,
            unit=duty.unit,
            actor=actor,
            about=duty.user,
            withdrawn=duty.role,
            classroom=duty.classroom_id,
            starts_on=duty.starts_on,
        )
        _require_a_manager(duty.unit, dates.today())


# Filled by upper apps at start-up: what is not finished in a class, in words, as this person may read it.
class_matters: list[Callable[[User, Classroom, datetime.date], Iterable[str]]] = []


def matters_of(viewer: User, classroom: Classroom) -> list[str]:
    """What a class's new head teacher takes over unfinished (「3名学生开学报到还没有登记」)."""
    return [text for source in class_matters for text in source(viewer, classroom, dates.today())]


def hand_class_over(*, actor: User, classroom: Classroom, to: User, on: datetime.date) -> Duty:
    """换班主任: who heads the class ends the day before, the new one begins on the day; each with its trace."""
    with transaction.atomic():
        _require_manager(actor, classroom.school)
        heads = classroom.duties.filter(role=Role.HEAD_TEACHER).select_related("user", "unit", "classroom")
        for duty in heads.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)):
            if duty.starts_on >= on:
                raise PeopleRefusal(
                    f"{duty.user.name}从{dates.chinese(duty.starts_on)}起任{duty.title}：请先撤销那个岗位，或改交接日期。"
                )
            end_duty(actor=actor, duty=duty, last_day=on - datetime.timedelta(days=1))
        facts: DutyFacts = {"role": Role.HEAD_TEACHER, "classroom": classroom, "starts_on": on, "ends_on": None}
        return give_duty(actor=actor, school=classroom.school, user=to, duty=facts)


def issue_slip(*, actor: User, school: Unit, user: User) -> str:
    """A one-time password of 12 readable signs, good for 72 hours, to be changed at the first login.

    The old password and every login end with it. The clear text is returned once and stored nowhere.
    """
    slip = "".join(secrets.choice(SLIP_SIGNS) for _ in range(SLIP_LENGTH))
    with transaction.atomic():
        _require_manager(actor, school)
        _require_ours(user, school)
        if not user.is_active:
            raise PeopleRefusal("此人已停用，请先恢复使用。")
        user.set_password(slip)
        User.objects.filter(pk=user.pk).update(
            password=user.password,
            must_change_password=True,
            slip_expires_at=timezone.now() + datetime.timedelta(hours=SLIP_HOURS),
            session_epoch=F("session_epoch") + 1,
        )
        audit.record(Verb.SLIP, unit=school, actor=actor, about=user)
    user.refresh_from_db()
    return slip


def put_out_of_use(*, actor: User, school: Unit, user: User, reason: str) -> None:
    """停用: end the logins and the duties of somebody who has left. The name stays in all that he did."""
    if user.pk == actor.pk:
        raise PeopleRefusal("不能停用自己。")
    today = dates.today()
    with transaction.atomic():
        _require_manager(actor, school)
        _require_ours(user, school)
        if not User.objects.filter(pk=user.pk, is_active=True).update(
            is_active=False, session_epoch=F("session_epoch") + 1
        ):
            raise PeopleRefusal("此人已经停用。")
        duties = user.duties.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
        duties.filter(starts_on__gt=today).delete()
        duties.update(ends_on=today)
        audit.record(Verb.PERSON, unit=school, actor=actor, about=user, reason=reason, out_of_use=True)
        _require_a_manager(school, today)


def put_back(*, actor: User, school: Unit, user: User) -> str:
    """恢复使用: the person gets a new one-time slip, and duties as they are given. Returns the slip."""
    with transaction.atomic():
        _require_manager(actor, school)
        _require_ours(user, school)
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            raise PeopleRefusal("此人没有停用。")
        audit.record(Verb.PERSON, unit=school, actor=actor, about=user, out_of_use=False)
        user.is_active = True
        return issue_slip(actor=actor, school=school, user=user)


def _require_manager(actor: User, school: Unit) -> None:
    if not actor.has(*MANAGERS, school=school):
        raise PeopleRefusal("只有校长和系统管理员能改动本校的人员与岗位。")


def _require_ours(user: User, school: Unit) -> None:
    """Whoever also serves elsewhere is not this school's to lock out: the account opens the other school as well."""
    duties = user.duties.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=dates.today()))
    if duties.exclude(unit=school).exists():
        raise PeopleRefusal("此人在别的单位也有岗位，不能在这里停用、改名或重发密码条；可以结束他在本校的岗位。")


def _require_a_manager(school: Unit, day: datetime.date) -> None:
    """Without a principal or administrator nobody could mend anything any more. Call last, with the chain locked."""
    duties = Duty.objects.in_force(day).filter(unit=school, role__in=MANAGERS, user__is_active=True)
    if not duties.exists():
        raise PeopleRefusal("这样学校就没有在任的校长或系统管理员了。请先把岗位交给另一个人。")


def _why_not(actor: User, school: Unit, user: User, duty: DutyFacts) -> str:
    """Why this duty can't be given, in words; empty when it can."""
    role, classroom, starts_on, ends_on = duty["role"], duty["classroom"], duty["starts_on"], duty["ends_on"]
    overlapping = user.duties.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), role=role, unit=school, classroom=classroom
    )
    if ends_on:
        overlapping = overlapping.filter(starts_on__lte=ends_on)
    reasons = (
        (role not in SCHOOL_ROLES, "这个岗位不由学校设置。"),
        ((role in CLASS_ROLES) != bool(classroom), "班主任、任课教师要选班级；其他岗位不选班级。"),
        (classroom and classroom.school_id != school.pk, "这个班不是本校的班。"),
        (classroom and classroom.closed_on, "这个班已经撤并。"),
        (ends_on and ends_on < starts_on, "最后一天不能早于任职日期。"),
        (not user.is_active, "此人已停用，请先恢复使用。"),
        (role == Role.DELEGATE and not ends_on, "委托代行要写明到哪一天为止。"),
        (role == Role.DELEGATE and not actor.has(Role.PRINCIPAL, school=school), "只有校长本人能委托别人代行。"),
        # An administrator's duty shows no pupil; it must not become a way to them either.
        (
            user.pk == actor.pk and role not in KEEPERS and not actor.has(Role.PRINCIPAL, school=school),
            "系统管理员不能给自己加岗位，请校长办理。",
        ),
        (overlapping.exists(), "此人在这段时间已经任这个岗位。"),
    )
    return next((text for wrong, text in reasons if wrong), "")
