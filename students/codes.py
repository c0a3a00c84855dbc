"""Code lists of the registry. The standard is named with each; where there is none, the list is this project's own."""

from django.db import models


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    MALE = "1", "男"
    FEMALE = "2", "女"


class BoardType(models.TextChoices):
    """就读方式, national roll system."""

    DAY = "1", "走读"
    BOARDER = "2", "住校"
    OTHER = "9", "其他"


class Relation(models.TextChoices):
    """家庭关系, GB/T 4761 (the part that schools use)."""

    FATHER = "51", "父亲"
    MOTHER = "52", "母亲"
    STEPFATHER = "57", "继父或养父"
    STEPMOTHER = "58", "继母或养母"
    GRANDFATHER = "61", "祖父"
    GRANDMOTHER = "62", "祖母"
    MATERNAL_GRANDFATHER = "63", "外祖父"
    MATERNAL_GRANDMOTHER = "64", "外祖母"
    BROTHER = "71", "兄"
    SISTER = "75", "姐"
    RELATIVE = "97", "其他亲属"
    OTHER = "99", "非亲属"


class EnrollmentStatus(models.TextChoices):
    """How a pupil stands on the roll of a class. Only those in class are expected at roll call."""

    IN_CLASS = "in_class", "在读"
    SUSPENDED = "suspended", "休学"
    ELSEWHERE = "elsewhere", "校外就读"
    HOME_TEACHING = "home_teaching", "送教上门"


class Change(models.TextChoices):
    """学籍异动: how a stretch on the roll began or ended. There is no 退学 and no 开除 in compulsory education."""

    ENTRY = "entry", "入学"
    IMPORT = "import", "建档导入"
    TRANSFER_IN = "transfer_in", "转入"
    TRANSFER_OUT = "transfer_out", "转出"
    CLASS = "class", "调班"
    SUSPENSION = "suspension", "休学"
    RESUMPTION = "resumption", "复学"
    HOME_TEACHING = "home_teaching", "送教上门"
    GRADUATION = "graduation", "毕业"
    ABROAD = "abroad", "出国(境)"
    DEATH = "death", "死亡"
    MISSING = "missing", "失踪"
    OTHER = "other", "其他离校"


class TagKind(models.TextChoices):
    """Groups that deserve attention. Visible by role, never printed by default."""

    LEFT_BEHIND_SINGLE = "left_behind_1", "单亲留守"
    LEFT_BEHIND_BOTH = "left_behind_2", "双亲留守"
    MIGRANT = "migrant", "随迁子女"
    POVERTY = "poverty", "脱贫户"
    MONITORED = "monitored", "监测户"
    MINIMUM_LIVING = "minimum_living", "低保"
    DISABLED = "disabled", "残疾"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED = "unattended", "事实无人抚养"
    RETURNED = "returned", "辍返生"


POVERTY_TAGS = frozenset({TagKind.POVERTY, TagKind.MONITORED, TagKind.MINIMUM_LIVING})


class ImportStatus(models.TextChoices):
    WAITING = "waiting", "待确认"
    DONE = "done", "已导入"
    DROPPED = "dropped", "已放弃"


class ImportOutcome(models.TextChoices):
    """What becomes of a row of a roster. Every row below the header has exactly one."""

    CREATED = "created", "新增"
    UPDATED = "updated", "更新"
    UNCHANGED = "unchanged", "不变"
    REFUSED = "refused", "拒绝"
    BLANK = "blank", "空白"


_ETHNICITIES = (
    "01:汉族 02:蒙古族 03:回族 04:藏族 05:维吾尔族 06:苗族 07:彝族 08:壮族 09:布依族 10:朝鲜族 11:满族 12:侗族 "
    "13:瑶族 14:白族 15:土家族 16:哈尼族 17:哈萨克族 18:傣族 19:黎族 20:傈僳族 21:佤族 22:畲族 23:高山族 "
    "24:拉祜族 25:水族 26:东乡族 27:纳西族 28:景颇族 29:柯尔克孜族 30:土族 31:达斡尔族 32:仫佬族 33:羌族 "
    "34:布朗族 35:撒拉族 36:毛南族 37:仡佬族 38:锡伯族 39:阿昌族 40:普米族 41:塔吉克族 42:怒族 43:乌孜别克族 "
    "44:俄罗斯族 45:鄂温克族 46:德昂族 47:保安族 48:裕固族 49:京族 50:塔塔尔族 51:独龙族 52:鄂伦春族 53:赫哲族 "
    "54:门巴族 55:珞巴族 56:基诺族 97:其他 98:外国血统中国籍"
)
ETHNICITIES: dict[str, str] = dict(item.split(":") for item in _ETHNICITIES.split())
"""GB/T 3304: code to name."""
