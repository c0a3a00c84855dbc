"""Invented names, numbers and addresses; the same seed gives the same people."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from kongchuo import idnumber
from kongchuo.sealed import keyed_hash
from schools.models import Unit
from students.codes import BoardType, Relation
from students.models import Guardian, Student
from students.services import initials

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
GIVEN = "海燕建军小梅大山春花秋月志强晓红文静国栋美玲永福金凤玉兰立新家豪雨欣子涵思远佳怡浩然梓萱天佑明月长青石头"
TIBETAN = ("扎西卓玛", "次仁央宗", "丹增多吉", "格桑梅朵", "洛桑旺堆", "尼玛顿珠")
VILLAGES = ("柳树村", "石桥村", "青冈村", "白沙村", "大湾村", "麻栎村", "新寨村")
PHONE_PREFIX = "100"  # no operator gives out numbers that begin so: a call from the demo reaches nobody
REGION = "530000"  # the province as a whole: no person's number begins with it


@dataclass
class Crowd:
    """A source of invented people; `serial` keeps ID numbers apart within a birth date."""

    random: random.Random
    serial: dict[str, int] = field(default_factory=dict)

    def name(self) -> str:
        if self.random.random() < 0.04:
            return self.random.choice(TIBETAN)
        given = self.random.sample(GIVEN, self.random.choice((1, 2, 2)))
        return self.random.choice(SURNAMES) + "".join(given)

    def phone(self) -> str:
        return "无" if self.random.random() < 0.05 else f"{PHONE_PREFIX}{self.random.randrange(10**8):08d}"

    def id_number(self, birth: datetime.date, sex: str) -> str:
        """An ID number with a right check digit that belongs to nobody."""
        key = f"{birth:%Y%m%d}{sex}"
        self.serial[key] = serial = self.serial.get(key, 0) + 1
        order = (serial * 2 - (sex == "1")) % 1000
        first17 = f"{REGION}{birth:%Y%m%d}{order:03d}"
        return first17 + idnumber.check_digit(first17)

    def pupils(self, school: Unit, grade: int, year: int, count: int) -> Iterator[Student]:
        """Unsaved pupils of the right age for a grade (1 to 9) in the school year that began in `year`."""
        for _ in range(count):
            born = datetime.date(year - 5 - grade, 9, 1) - datetime.timedelta(days=self.random.randrange(365))
            sex = self.random.choice("12")
            village = self.random.choice(VILLAGES)
            name = self.name()
            student = Student(
                school=school,
                name=name,
                initials=initials(name),
                sex=sex,
                ethnicity="04" if name in TIBETAN else "01",
                birth_date=born,
                board_type=self.random.choice((BoardType.DAY, BoardType.BOARDER)),
                entry_month=f"{year - (grade - 1 if grade <= 6 else grade - 7)}-09",
                hukou_address=f"{school.county_name}{school.township_name}{village}",
                address=f"{school.township_name}{village}{self.random.randrange(1, 9)}组",
                village=village,
            )
            number = self.id_number(born, sex)
            student.set_numbers(id_no=number, roll_no=f"G{number}")
            yield student

    def guardian_of(self, student: Student) -> Guardian:
        relation = self.random.choice((Relation.FATHER, Relation.MOTHER, Relation.FATHER, Relation.GRANDMOTHER))
        surname = student.name[0] if relation == Relation.FATHER else self.random.choice(SURNAMES)
        born = datetime.date(1984, 1, 1) + datetime.timedelta(days=self.random.randrange(3000))
        number = self.id_number(born, "1" if relation == Relation.FATHER else "2")
        return Guardian(
            student=student,
            name=surname + "".join(self.random.sample(GIVEN, 2)),
            relation=relation,
            phone=self.phone(),
            id_no=number,
            id_hash=keyed_hash(number),
            works_at=self.random.choice(("", "", "在家务农", "外省务工")),
        )
