"""Who of a list is whom of the roll: one place for everybody, each kind of disagreement, and a naive oracle."""

import datetime
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from students.codes import DifferenceKind, EnrollmentStatus, TagKind
from students.rollcheck.groups import GROUPS
from students.rollcheck.listing import Listed
from students.rollcheck.pairing import MAY_BE_MISSING, NOT_HERE, Place, Pupil, Result, compare
from tests.cast import id_number

K, S = DifferenceKind, EnrollmentStatus
BORN = datetime.date(2013, 4, 12)
LABELS = {(7, 1): "七(1)班", (7, 2): "七(2)班"}


def pupil(key: int, name: str = "李建军", **facts) -> Pupil:
    number = id_number(key)
    room = facts.get("class_key", (7, 1))
    usual = {"birth_date": BORN, "id_no": number, "roll_no": "G" + number, "class_key": room, "sex": "1"}
    return Pupil(key=key, name=name, class_label=LABELS[room], **usual | facts)


def row_of(one: Pupil, number: int = 3, **facts) -> Listed:
    same = {name: getattr(one, name) for name in ("name", "sex", "birth_date", "id_no", "roll_no", "class_key")} | facts
    return Listed(number=number, class_text=LABELS.get(same["class_key"], ""), **same)


def places(result: Result) -> list[tuple[str, str]]:
    return [(str(part.place), part.text) for part in result.outcomes]


def only(result: Result) -> tuple[str, str]:
    (found,) = places(result)
    return found


def test_who_agrees_in_everything_is_matched() -> None:
    one = pupil(1)
    assert only(compare([row_of(one)], [one])) == (Place.MATCHED, "")


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"name": "李建"}, "姓名：名单李建，本校李建军"),
        ({"name": "赵海燕"}, "姓名：名单赵海燕，本校李建军；姓名完全不同，请核对是不是同一个人"),
        ({"sex": "2"}, "性别：名单女，本校男"),
        ({"birth_date": datetime.date(2013, 4, 13)}, "出生日期：名单2013年4月13日，本校2013年4月12日"),
        ({"problems": ("身份证号有误",), "id_no": ""}, "名单里身份证号有误"),
        ({"status": "休学"}, "学籍状态：名单「休学」，本校在读"),
    ],
)
def test_facts_are_told_field_by_field(facts: dict, text: str) -> None:
    one = pupil(1)
    assert only(compare([row_of(one, **facts)], [one])) == (K.FACTS, text)


def test_numbers_differ_by_their_places_and_are_never_written_out() -> None:
    one = pupil(1)
    other = id_number(2)
    kind, text = only(compare([row_of(one, id_no=other)], [one]))
    assert kind == K.FACTS
    assert text == "身份证号第17、18位不同（名单530000************，本校530000************）"
    assert other not in text
    kind, text = only(compare([row_of(one, id_no=other, roll_no="G" + other)], [one]))
    assert kind == K.FACTS, "name and birth date still tell the child whose numbers are both wrong"


@pytest.mark.parametrize("missing", ["sex", "birth_date", "id_no", "roll_no", "class_key"])
def test_what_a_list_does_not_say_is_no_disagreement(missing: str) -> None:
    one = pupil(1)
    empty = None if missing in ("birth_date", "class_key") else ""
    assert only(compare([row_of(one, **{missing: empty})], [one]))[0] == Place.MATCHED


def test_another_class_with_all_that_differs_besides() -> None:
    one = pupil(1)
    assert only(compare([row_of(one, class_key=(7, 2), sex="2")], [one])) == (
        K.CLASS,
        "班级：名单七(2)班，本校七(1)班；性别：名单女，本校男",
    )


def test_a_listed_child_who_is_not_here_and_one_here_who_is_not_listed() -> None:
    here, away = pupil(1), pupil(2, "赵海燕", birth_date=datetime.date(2012, 1, 1))
    assert places(compare([row_of(away)], [here])) == [
        (K.ROLL_WITHOUT_CHILD, "本校没有这个学生；名单写七(1)班"),
        (K.CHILD_WITHOUT_ROLL, "本校七(1)班在读，名单里没有"),
    ]


def test_who_has_left_is_told_with_the_day_and_the_reason() -> None:
    left = pupil(1, status="", left="2026年3月1日已办转出，不在册")
    kind, text = only(compare([row_of(left)], [left]))
    assert (kind, text) == (K.ROLL_WITHOUT_CHILD, "本校2026年3月1日已办转出，不在册；名单写七(1)班")
    assert only(compare([row_of(left, status="转出")], [left]))[0] == Place.BOTH_GONE


@pytest.mark.parametrize("status", [S.SUSPENDED, S.HOME_TEACHING, S.SPECIAL_SCHOOL, S.TRANSFERRING])
def test_whose_roll_is_rightly_kept_here_agrees_with_the_list(status: str) -> None:
    one = pupil(1, status=status)
    assert only(compare([row_of(one)], [one]))[0] == Place.MATCHED


@pytest.mark.parametrize("status", sorted(NOT_HERE))
def test_a_child_who_is_only_on_paper_is_a_difference_even_when_listed(status: str) -> None:
    one = pupil(1, status=status)
    kind, text = only(compare([row_of(one)], [one]))
    assert kind == K.ROLL_WITHOUT_CHILD
    assert text.startswith("本校登记为七(1)班")


@pytest.mark.parametrize("status", sorted(MAY_BE_MISSING))
def test_borrowed_and_leaving_pupils_are_not_expected_in_the_list(status: str) -> None:
    assert only(compare([], [pupil(1, status=status)])) == (Place.NOT_EXPECTED, "")


def test_a_borrowed_pupil_in_our_own_list_is_a_difference() -> None:
    one = pupil(1, status=S.GUEST)
    assert only(compare([row_of(one)], [one])) == (K.FACTS, "本校登记为借读，学籍应在别的学校，名单里却有")


def test_a_child_whom_the_list_calls_gone_and_who_sits_here_has_no_roll() -> None:
    one = pupil(1)
    assert only(compare([row_of(one, status="转出")], [one])) == (
        K.CHILD_WITHOUT_ROLL,
        "名单写「转出」，本校七(1)班在读",
    )


def test_one_number_twice_in_the_list() -> None:
    one = pupil(1)
    result = compare([row_of(one, 3, name="王小梅"), row_of(one, 4)], [one])
    assert places(result) == [(K.DOUBLE, "与名单第4行身份证号相同"), (Place.MATCHED, "")]


def test_one_child_twice_in_the_list_and_twice_here() -> None:
    one = pupil(1)
    assert places(compare([row_of(one, 3), row_of(one, 4, id_no="", roll_no="")], [one])) == [
        (Place.MATCHED, ""),
        (K.DOUBLE, "与名单第3行同名同出生日期"),
    ]
    again = pupil(2)
    assert places(compare([row_of(one)], [again, one])) == [
        (Place.MATCHED, ""),
        (K.DOUBLE, "与本校七(1)班李建军同名同出生日期；名单里只有一个"),
    ]


def test_two_of_one_name_in_a_class_are_not_told_by_the_name_alone() -> None:
    one, other = pupil(1), pupil(2, birth_date=datetime.date(2012, 5, 5))
    row = Listed(number=3, name="李建军", class_key=(7, 1), class_text="七(1)班")
    kinds = Counter(place for place, _ in places(compare([row], [one, other])))
    assert kinds == {K.ROLL_WITHOUT_CHILD: 1, K.CHILD_WITHOUT_ROLL: 2}
    assert "有2个同名的" in places(compare([row], [one, other]))[0][1]


# --- lists of groups ------------------------------------------------------------------------------------------------
def test_a_list_of_a_group_asks_for_its_mark() -> None:
    group = GROUPS["left_behind"]
    marked = pupil(1, tags=frozenset({TagKind.LEFT_BEHIND_SINGLE}))
    plain = pupil(2, "赵海燕")
    unlisted = pupil(3, "王小梅", tags=frozenset({TagKind.LEFT_BEHIND_BOTH}))
    nobody = pupil(4, "陈大山")
    stranger = row_of(pupil(5, "何石头"), 9, class_key=None, village="柳树村", guardian="何老四")
    listed = [row_of(marked, 2), row_of(plain, 3), stranger]
    result = compare(listed, [marked, plain, unlisted, nobody], group=group, roll=False)
    assert places(result) == [
        (Place.MATCHED, ""),
        (K.NOT_MARKED, "名单列为双亲留守，本校没有标"),
        (K.ROLL_WITHOUT_CHILD, "本校没有这个学生；村（社区）：柳树村；监护人：何老四"),
        (K.MARKED_ONLY, "本校标为双亲留守，名单里没有"),
        (Place.NOT_EXPECTED, ""),
    ]


# --- everybody once -------------------------------------------------------------------------------------------------
NAMES = st.sampled_from(["李建军", "赵海燕", "王小梅"])
DAYS = st.sampled_from([BORN, datetime.date(2012, 5, 5), None])
ROOMS = st.sampled_from([(7, 1), (7, 2)])
NUMBERS = st.integers(0, 5).map(lambda serial: id_number(serial) if serial else "")


@st.composite
def pupils(draw: st.DrawFn) -> list[Pupil]:
    """Pupils of a school: their numbers are all different, their names are not."""
    serials = draw(st.lists(st.integers(1, 6), unique=True, max_size=5))
    status = st.sampled_from([S.IN_CLASS, S.IN_CLASS, S.GUEST, S.SUSPENDED, S.TRANSFERRING, S.ELSEWHERE, ""])
    return [
        pupil(
            serial, draw(NAMES), birth_date=draw(DAYS), class_key=draw(ROOMS), status=draw(status),
            **({} if draw(st.booleans()) else {"id_no": "", "roll_no": ""}),
        )
        for serial in serials
    ]  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> list[Listed]:
    made = []
    for number in range(2, 2 + draw(st.integers(0, 6))):
        id_no = draw(NUMBERS)
        room = draw(st.one_of(st.none(), ROOMS))
        made.append(
            Listed(
                number=number, name=draw(NAMES), birth_date=draw(DAYS), id_no=id_no,
                roll_no="G" + id_no if id_no and draw(st.booleans()) else "", class_key=room,
                class_text=LABELS.get(room, ""), status=draw(st.sampled_from(["", "在读", "转出"])),
            )
        )  # fmt: skip
    return made


@settings(max_examples=300, deadline=None)
@given(rows(), pupils(), st.booleans())
def test_everybody_ends_in_exactly_one_place(listed: list[Listed], school: list[Pupil], roll: bool) -> None:
    result = compare(listed, school, roll=roll, group=None if roll else GROUPS["disabled"])
    assert Counter(part.row.identity for part in result.outcomes if part.row) == Counter(r.identity for r in listed)
    on_roll = [p for p in school if p.status]
    assert Counter(part.pupil.key for part in result.outcomes if part.pupil and part.pupil.status) == Counter(
        p.key for p in on_roll
    )
    assert sum(result.count_rows().values()) == len(listed)
    assert sum(result.count_pupils().values()) == len(on_roll)
    assert all(part.place in {*Place, *K.values} for part in result.outcomes)


@settings(max_examples=300, deadline=None)
@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)))
def test_by_number_the_result_is_the_symmetric_difference(listed: set[int], here: set[int]) -> None:
    """Where all differ in name, the naive oracle is that of sets."""
    everybody = {key: pupil(key, f"学生{chr(0x4E00 + key)}", birth_date=None) for key in listed | here}
    result = compare(
        [row_of(everybody[key], key + 1) for key in sorted(listed)], [everybody[key] for key in sorted(here)]
    )

    def keys(place: str) -> set[int]:
        return {
            part.pupil.key if part.pupil else part.row.number - 1 for part in result.outcomes if part.place == place
        }

    assert keys(Place.MATCHED) == listed & here
    assert keys(K.ROLL_WITHOUT_CHILD) == listed - here
    assert keys(K.CHILD_WITHOUT_ROLL) == here - listed


@settings(max_examples=200, deadline=None)
@given(rows(), pupils(), st.randoms(use_true_random=False))
def test_a_pair_by_id_number_is_always_found(listed: list[Listed], school: list[Pupil], random) -> None:
    """Naive oracle: every pupil on the roll whose ID number stands in the list is paired with such a row."""
    random.shuffle(school)
    result = compare(listed, school)
    numbers = {r.id_no for r in listed if r.id_no}
    for one in school:
        if one.status and one.id_no in numbers:
            (part,) = [p for p in result.outcomes if p.pupil and p.pupil.key == one.key]
            assert part.row is not None
            assert part.row.id_no == one.id_no
