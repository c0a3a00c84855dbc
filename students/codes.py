"""Code lists of the registry. The standard is named with each; where there is none, the list is this project's own."""

from collections.abc import Collection, Mapping

from django.db import models

from schools.codes import OFFICE, OVERSEERS, Role


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
    """How a pupil stands on the roll of a class."""

    IN_CLASS = "in_class", "在读"
    GUEST = "guest", "借读(人在籍不在)"
    SUSPENDED = "suspended", "休学"
    ELSEWHERE = "elsewhere", "校外就读(籍在人不在)"
    HOME_TEACHING = "home_teaching", "送教上门"
    SPECIAL_SCHOOL = "special_school", "专门学校就读"
    TRANSFERRING = "transferring", "转出待接续"
    MISSING = "missing", "失踪"


EXPECTED = frozenset({EnrollmentStatus.IN_CLASS, EnrollmentStatus.GUEST})
"""应到: who should sit in class at roll call."""
HELD_ELSEWHERE = frozenset({EnrollmentStatus.GUEST})
"""Who sits here while another school holds the 学籍: in no figure of the roll."""


class Change(models.TextChoices):
    """学籍异动, as the national roll system names them. There is no 退学 and no 开除 in compulsory education."""

    ENTRY = "entry", "入学"
    IMPORT = "import", "建档导入"
    TRANSFER_IN = "transfer_in", "转入"
    TRANSFER_OUT = "transfer_out", "转出"
    CLASS = "class", "班级调整"
    SKIP = "skip", "跳级"
    RETAIN = "retain", "留级"
    SUSPENSION = "suspension", "休学"
    RESUMPTION = "resumption", "复学"
    BOARD_OUT = "board_out", "寄读(籍在人不在)"
    GUEST_IN = "guest_in", "借读(人在籍不在)"
    GUEST_OUT = "guest_out", "借读结束"
    HOME_TEACHING = "home_teaching", "送教上门"
    SPECIAL_SCHOOL = "special_school", "专门学校就读"
    GRADUATION = "graduation", "毕业"
    ABROAD = "abroad", "出国(境)"
    BACK_FROM_ABROAD = "back_from_abroad", "回国复学"
    DEATH = "death", "死亡"
    MISSING = "missing", "失踪"
    OTHER = "other", "其他离校"


class ChangeReason(models.TextChoices):
    """异动原因: the codes of JY/T 1001 XJYDYY that compulsory education knows, and this project's own for moves."""

    MOVED = "m1", "迁居"
    PARENTS_WORK = "m2", "随父母务工"
    HOUSE = "m3", "购房"
    SPECIAL_NEEDS = "m4", "特殊教育需要"
    CLASS_PLAN = "m5", "编班调整"
    ILLNESS = "10", "疾病"
    MENTAL_ILLNESS = "11", "精神疾病"
    INFECTION = "12", "传染疾病"
    ACCIDENT = "19", "其他疾病(伤残)"
    EXCELLENT = "1", "成绩优秀"
    LEFT_COUNTRY = "28", "出国(境)"
    DETENTION = "23", "羁押或矫治教育"
    DIED_OF_ILLNESS = "70", "因病死亡"
    DIED_OTHERWISE = "89", "其他原因死亡"
    OTHER = "99", "其他"


class Party(models.TextChoices):
    """Whose turn it is: in a transfer in the national order (教基〔2025〕1号 15条); the last in other kinds."""

    CENTRAL = "central", "中心校审批"
    RECEIVING_SCHOOL = "receiving_school", "转入学校"
    RECEIVING_BUREAU = "receiving_bureau", "转入校学籍主管部门"
    SENDING_SCHOOL = "sending_school", "转出学校"
    SENDING_BUREAU = "sending_bureau", "转出校学籍主管部门"
    BUREAU = "bureau", "学籍主管部门"


class ProofGrade(models.TextChoices):
    """How good a proof is that a child is at school elsewhere."""

    RECEIPT = "receipt", "接收回执或就读证明"
    SCREENSHOT = "screenshot", "学籍系统截图"
    CALL = "call", "电话核实"


class TagKind(models.TextChoices):
    """Groups that deserve attention. Visible by role, never printed by default."""

    LEFT_BEHIND_SINGLE = "left_behind_1", "单亲留守"
    LEFT_BEHIND_BOTH = "left_behind_2", "双亲留守"
    MIGRANT = "migrant", "随迁子女"
    POVERTY = "poverty", "脱贫户"
    MONITORED = "monitored", "监测户"
    MINIMUM_LIVING = "minimum_living", "低保"
    DESTITUTE = "destitute", "特困供养"
    HARDSHIP = "hardship", "特困生"
    STRUGGLING = "struggling", "学困生"
    DISABLED = "disabled", "残疾"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED = "unattended", "事实无人抚养"
    BEHAVIOUR = "behaviour", "行为偏差"
    AT_RISK = "at_risk", "易辍生"
    RETURNED = "returned", "辍返生"


POVERTY_TAGS = frozenset({TagKind.POVERTY, TagKind.MONITORED, TagKind.MINIMUM_LIVING})
LEFT_BEHIND = frozenset({TagKind.LEFT_BEHIND_SINGLE, TagKind.LEFT_BEHIND_BOTH})
"""留守, one parent away or both: a pupil is one or the other."""

_NEAR = frozenset({Role.HEAD_TEACHER}) | OFFICE
TAG_VIEWERS: Mapping[TagKind, frozenset[Role]] = dict.fromkeys(TagKind, _NEAR) | dict.fromkeys(
    (
        TagKind.LEFT_BEHIND_SINGLE, TagKind.LEFT_BEHIND_BOTH, TagKind.MIGRANT, TagKind.DISABLED, TagKind.ORPHAN,
        TagKind.UNATTENDED, TagKind.AT_RISK, TagKind.RETURNED,
    ),
    _NEAR | OVERSEERS,
)  # fmt: skip
"""Who may know of which group. Poverty, learning and behaviour stay between the head teacher and the office."""


def tag_kinds_for(roles: Collection[str]) -> list[str]:
    """The kinds of groups that a holder of these roles may know of."""
    return [kind.value for kind, viewers in TAG_VIEWERS.items() if viewers & set(roles)]


class TagGroup(models.TextChoices):
    """关注群体, as people ask for them; a group may be of several kinds (类型)."""

    LEFT_BEHIND = "left_behind", "留守儿童"
    MIGRANT = "migrant", "随迁子女"
    POOR = "poor", "家庭经济困难学生"
    DISABLED = "disabled", "残疾学生"
    ORPHAN = "orphan", "孤儿和事实无人抚养儿童"
    STRUGGLING = "struggling", "学困生"
    BEHAVIOUR = "behaviour", "行为偏差学生"
    AT_RISK = "at_risk", "易辍生和辍返生"


TAG_GROUPS: dict[TagGroup, tuple[TagKind, ...]] = {
    TagGroup.LEFT_BEHIND: (TagKind.LEFT_BEHIND_SINGLE, TagKind.LEFT_BEHIND_BOTH),
    TagGroup.MIGRANT: (TagKind.MIGRANT,),
    TagGroup.POOR: (
        TagKind.POVERTY, TagKind.MONITORED, TagKind.MINIMUM_LIVING, TagKind.DESTITUTE, TagKind.HARDSHIP,
    ),
    TagGroup.DISABLED: (TagKind.DISABLED,),
    TagGroup.ORPHAN: (TagKind.ORPHAN, TagKind.UNATTENDED),
    TagGroup.STRUGGLING: (TagKind.STRUGGLING,),
    TagGroup.BEHAVIOUR: (TagKind.BEHAVIOUR,),
    TagGroup.AT_RISK: (TagKind.AT_RISK, TagKind.RETURNED),
}  # fmt: skip
"""Every kind stands in exactly one group."""


class DisabilityKind(models.TextChoices):
    """残疾类别, GB/T 26341."""

    SIGHT = "1", "视力"
    HEARING = "2", "听力"
    SPEECH = "3", "言语"
    LIMBS = "4", "肢体"
    MIND = "5", "智力"
    MENTAL = "6", "精神"
    MULTIPLE = "7", "多重"


class DisabilityGrade(models.TextChoices):
    """残疾等级, GB/T 26341."""

    ONE = "1", "一级"
    TWO = "2", "二级"
    THREE = "3", "三级"
    FOUR = "4", "四级"


class IdType(models.TextChoices):
    """身份证件类型, JY/T 1001. The national form is filled with names, so the name is what is stored."""

    RESIDENT = "居民身份证", "居民身份证"
    OFFICER = "军官证", "军官证"
    SOLDIER = "士兵证", "士兵证"
    CIVIL_CADRE = "文职干部证", "文职干部证"
    RETIRED = "部队离退休证", "部队离退休证"
    HONG_KONG = "香港特区护照/身份证明", "香港特区护照/身份证明"
    MACAO = "澳门特区护照/身份证明", "澳门特区护照/身份证明"
    TAIWAN = "台湾居民来往大陆通行证", "台湾居民来往大陆通行证"
    PERMANENT = "境外永久居住证", "境外永久居住证"
    PASSPORT = "护照", "护照"
    HUKOU_BOOK = "户口簿", "户口簿"
    RESIDENCE_PERMIT = "港澳台居民居住证", "港澳台居民居住证"
    OTHER = "其他", "其他"


class PhoneState(models.TextChoices):
    """What is known of a telephone number from the last attempt to use it."""

    UNCHECKED = "", "未核"
    ANSWERS = "answers", "打得通"
    SILENT = "silent", "无人接"
    DEAD = "dead", "空号或停机"
    NONE = "none", "无电话"


class DoubtKind(models.TextChoices):
    """What about a pupil's facts may be wrong: a warning until settled (确有错户籍), never a refusal."""

    SEX = "sex", "性别与身份证号不符"
    BIRTH = "birth", "出生日期与身份证号不符"
    AGE = "age", "年龄不在5至18岁"
    NO_ID = "no_id", "没有身份证件号"


class HmtCode(models.TextChoices):
    """港澳台侨外, JY/T 1001: names as the national form takes them."""

    NO = "否", "否"
    HONG_KONG = "香港同胞", "香港同胞"
    HONG_KONG_FAMILY = "香港同胞亲属", "香港同胞亲属"
    MACAO = "澳门同胞", "澳门同胞"
    MACAO_FAMILY = "澳门同胞亲属", "澳门同胞亲属"
    TAIWAN = "台湾同胞", "台湾同胞"
    TAIWAN_FAMILY = "台湾同胞亲属", "台湾同胞亲属"
    OVERSEAS = "华侨", "华侨"
    OVERSEAS_FAMILY = "侨眷", "侨眷"
    RETURNED = "归侨", "归侨"
    RETURNED_CHILD = "归侨子女", "归侨子女"
    SCHOLAR = "归国留学人员", "归国留学人员"
    NATURALISED = "非华裔中国人", "非华裔中国人"
    FOREIGN_CHINESE = "外籍华裔人", "外籍华裔人"
    FOREIGNER = "外国人", "外国人"
    OTHER = "其他", "其他"


class Political(models.TextChoices):
    """政治面貌, GB/T 4762 (the part that pupils have)."""

    LEAGUE = "03", "共青团员"
    PIONEER = "14", "少先队员"
    MASSES = "13", "群众"


class Health(models.TextChoices):
    """健康状况, the national form's own codes."""

    GOOD = "10", "健康或良好"
    WEAK = "20", "一般或较弱"
    CHRONIC = "30", "有慢性病"
    DEFECT = "40", "有生理缺陷"
    DISABLED = "50", "残疾"


class BloodType(models.TextChoices):
    A = "A", "A型"
    B = "B", "B型"
    AB = "AB", "AB型"
    O = "O", "O型"  # noqa: E741 - the name of a blood group
    UNKNOWN = "未知", "未知血型"


class HukouType(models.TextChoices):
    """户口性质, the national form's codes; many provinces now say 乡村 and 城镇."""

    RURAL = "1", "农业(乡村)"
    URBAN = "2", "非农业(城镇)"


class EntryMode(models.TextChoices):
    """入学方式, the part for compulsory education."""

    NEARBY = "11", "就近入学"
    OTHER = "12", "其他"


class PupilSource(models.TextChoices):
    """学生来源."""

    REGULAR = "1", "正常入学"
    OTHER = "9", "其他"


class Inclusive(models.TextChoices):
    """随班就读."""

    NO = "0", "非随班就读"
    SIGHT = "1", "视力残疾随班就读"
    HEARING = "2", "听力残疾随班就读"
    MIND = "3", "智力残疾随班就读"
    OTHER = "9", "其他残疾随班就读"


class Commute(models.TextChoices):
    """上下学交通方式."""

    WALK = "1", "步行"
    BICYCLE = "2", "自行车(含摩托车、电动自行车)"
    PUBLIC = "3", "公共交通(含城市公交、农村客运和地铁)"
    PARENTS = "4", "家长自行接送"
    BUS = "5", "校车"
    OTHER = "9", "其他"


class Education(models.TextChoices):
    """文化程度, GB/T 4658 in the words of a household survey."""

    NONE = "90", "未上过学"
    PRESCHOOL = "81", "学前教育"
    PRIMARY = "80", "小学"
    JUNIOR = "70", "初中"
    SENIOR = "60", "高中(中专)"
    COLLEGE = "30", "大专"
    BACHELOR = "20", "本科及以上"


class Schooling(models.TextChoices):
    """就学状况: where a child of school age is."""

    LOCAL_LOCAL = "local_local", "本在本"
    LOCAL_OUT = "local_out", "本在外"
    OUT_LOCAL = "out_local", "外在本"
    HOME_TEACHING = "home_teaching", "送教上门"
    SUSPENDED = "suspended", "休学"
    DEFERRED = "deferred", "缓学"
    NOT_YET = "not_yet", "未到入学年龄"
    NEVER = "never", "失学(未入学)"
    DROPPED = "dropped", "辍学"
    COMPLETED = "completed", "已完成义务教育"
    UNKNOWN = "unknown", "未核实"


class Gone(models.TextChoices):
    """Why a person no longer belongs to a household."""

    MOVED = "moved", "迁出"
    DIED = "died", "去世"


class RollList(models.TextChoices):
    """Whose list the roll is compared with."""

    NATIONAL = "national", "学籍系统"
    VILLAGE = "village", "村(社区)"
    CIVIL_AFFAIRS = "civil_affairs", "民政"
    DISABLED = "disabled", "残联"
    POLICE = "police", "公安户籍"


class ListGroup(models.TextChoices):
    """Which children an outside list names, where it does not name all of school age."""

    LEFT_BEHIND = "left_behind", "留守儿童"
    DISABLED = "disabled", "残疾儿童"
    ORPHAN = "orphan", "孤儿"
    UNATTENDED = "unattended", "事实无人抚养儿童"
    MINIMUM_LIVING = "minimum_living", "低保家庭子女"
    DESTITUTE = "destitute", "特困供养儿童"
    POVERTY = "poverty", "脱贫户子女"
    MONITORED = "monitored", "监测户子女"
    MIGRANT = "migrant", "随迁子女"


class DifferenceKind(models.TextChoices):
    """人籍核对: how a list and the roll disagree about a child."""

    ROLL_WITHOUT_CHILD = "roll_only", "有籍无人"
    CHILD_WITHOUT_ROLL = "child_only", "有人无籍"
    CLASS = "class", "班级不符"
    FACTS = "facts", "信息不一致"
    DOUBLE = "double", "疑似重复"
    NOT_MARKED = "not_marked", "名单有、本校未标"
    MARKED_ONLY = "marked_only", "本校有标、名单没有"


class Settlement(models.TextChoices):
    """How a difference was settled."""

    LIST_WRONG = "list_wrong", "名单有误，已请对方更正"
    ROLL_WRONG = "roll_wrong", "本校有误，已更正"
    CHANGE_DONE = "change_done", "已办学籍异动"
    CASE = "case", "已列入疑似辍学核查"
    ELSEWHERE = "elsewhere", "在别处就读，有证明"
    NOT_OURS = "not_ours", "不在本校施教区"
    SAME = "same", "经核实无误(同一人或同名不同人)"
    OTHER = "other", "其他"


class AbsentReason(models.TextChoices):
    """Why a pupil did not register at the start of a term."""

    UNKNOWN = "", "未查明"
    ILL = "ill", "生病"
    ON_THE_WAY = "way", "在途、迟到几天"
    WITH_PARENTS = "parents", "随父母在外"
    OTHER_SCHOOL = "other_school", "已到别校就读"
    WORKING = "working", "外出务工"
    UNWILLING = "unwilling", "不愿上学"
    UNREACHABLE = "unreachable", "联系不上"
    OTHER = "other", "其他"


class ImportStatus(models.TextChoices):
    WAITING = "waiting", "待确认"
    DONE = "done", "已导入"
    DROPPED = "dropped", "已放弃"
    UNDONE = "undone", "已撤销"


class ImportOutcome(models.TextChoices):
    """What becomes of a row of a roster. Every row below the header has exactly one."""

    CREATED = "created", "新增"
    UPDATED = "updated", "改动"
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
