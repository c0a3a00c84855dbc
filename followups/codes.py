"""Code lists of the cases."""

from django.db import models


class Stage(models.TextChoices):
    """The four stages that a bureau names, and the end."""

    IDENTIFY = "identify", "认定"
    REPORT = "report", "报告"
    VISIT = "visit", "走访"
    ENFORCE = "enforce", "依法强制"
    CLOSED = "closed", "结案"


class Source(models.TextChoices):
    """How the school came to know."""

    SPELL = "spell", "日报连缺"
    UNREGISTERED = "unregistered", "未报到"
    NOT_ARRIVED = "not_arrived", "转出未接续"
    SUSPENSION_OVER = "suspension_over", "休学期满"
    LEAD = "lead", "摸排线索"


class FindingKind(models.TextChoices):
    SUSPECTED = "suspected", "疑似辍学"
    DROPOUT = "dropout", "辍学"


class ProposalKind(models.TextChoices):
    """提请: what somebody who may not decide asks of the one who may."""

    SUSPECTED = "suspected", "认定疑似辍学"
    DROPOUT = "dropout", "认定辍学"
    CLOSE = "close", "销号"


class Outcome(models.TextChoices):
    """How a case ended. The last two are the system's own and only for a warning that nobody had decided yet."""

    RETURNED = "returned", "复学"
    TRANSFERRED = "transferred", "转学就读"
    SUSPENDED = "suspended", "休学"
    HOME_TEACHING = "home_teaching", "送教上门"
    SPECIAL = "special", "特教或专门学校就读"
    VOCATIONAL = "vocational", "普职融合就读"
    DEFERRED = "deferred", "延缓入学"
    ABROAD = "abroad", "出国(境)"
    DECEASED = "deceased", "死亡"
    OVERAGE = "overage", "超龄离校"
    NOT_CONFIRMED = "not_confirmed", "不予认定"
    CORRECTED = "corrected", "缺勤更正，预警撤回"
    CAME_BACK = "came_back", "认定前已到校"


MACHINE_OUTCOMES = frozenset({Outcome.CORRECTED, Outcome.CAME_BACK})


class Reason(models.TextChoices):
    """辍学原因. No national standard; grown from policy texts and school papers."""

    WEARY = "01", "厌学"
    LEARNING = "02", "学习困难"
    POVERTY = "03", "家庭经济困难"
    WORK = "04", "外出务工"
    MARRIAGE = "05", "早婚早育"
    RELIGION = "06", "宗教"
    ILLNESS = "07", "疾病(身体)"
    DISABILITY = "08", "残疾"
    MENTAL = "09", "心理或精神"
    FAMILY = "10", "家庭变故"
    UNATTENDED = "11", "监护缺失或留守"
    NEGLECT = "12", "家长不重视"
    SCHOOL = "13", "师生关系或校园欺凌"
    GAMES = "14", "沉迷网络或手机"
    DISTANCE = "15", "上学远或交通"
    FOLLOWED = "16", "随父母外出未联系"
    DETAINED = "17", "违法、羁押或戒毒"
    PAPERS = "18", "转学手续未办"
    LOST = "19", "失联"
    OTHER = "99", "其他"


class Whereabouts(models.TextChoices):
    """现去向."""

    HOME = "01", "在家"
    FARMING = "02", "务农"
    WORK_COUNTY = "03", "县内务工"
    WORK_PROVINCE = "04", "县外省内务工"
    WORK_AWAY = "05", "省外务工"
    TRADE = "06", "经商"
    WITH_PARENTS = "07", "随父母在外"
    STUDYING_ELSEWHERE = "08", "外地就读未转学籍"
    ABROAD = "09", "出国(境)"
    RELIGIOUS = "10", "宗教场所"
    MARRIED = "11", "结婚生育"
    DETAINED = "12", "羁押或戒毒"
    HOSPITAL = "13", "住院康复"
    LOST = "14", "失联"
    DEAD = "15", "死亡"
    OTHER = "99", "其他"


class Placement(models.TextChoices):
    """安置方式."""

    SAME_CLASS = "01", "原班就读"
    OTHER_GRADE = "02", "编入相应年级"
    INCLUSIVE = "03", "随班就读"
    BRIDGE_CLASS = "04", "单独编班"
    VOCATIONAL = "05", "普职融合"
    HOME_TEACHING = "06", "送教上门"
    SPECIAL = "07", "特教学校"
    CORRECTIVE = "08", "专门学校"
    TRANSFER = "09", "转学就读"
    REMOTE = "10", "居家远程"


class Way(models.TextChoices):
    """How somebody got in touch. Only a visit at the door counts as 入户."""

    PHONE = "phone", "电话"
    VISIT = "visit", "家访"
    MESSAGE = "message", "微信"
    ENTRUSTED = "entrusted", "托人"


class Met(models.TextChoices):
    GUARDIAN = "guardian", "监护人"
    PUPIL = "pupil", "学生本人"
    RELATIVE = "relative", "其他亲属"
    NEIGHBOUR = "neighbour", "邻居或村组干部"
    NOBODY = "nobody", "无人(没接通)"


class Result(models.TextChoices):
    RETURNED = "returned", "已到校"
    PROMISED = "promised", "答应到校"
    REFUSED = "refused", "拒绝"
    AWAY = "away", "在外务工或外地"
    UNREACHABLE = "unreachable", "联系不上"
    EXPLAINED = "explained", "已说明情况"
    OTHER = "other", "其他"


class NoticeKind(models.TextChoices):
    """The school's own papers. Orders and penalties are not among them: a school has no such power."""

    REPORT = "report", "书面报告"
    PERSUASION = "persuasion", "劝学通知书"
    REFERRAL = "referral", "移送函"


class Addressee(models.TextChoices):
    BUREAU = "bureau", "县(市、区)教育局"
    TOWNSHIP = "township", "乡镇人民政府"
    VILLAGE = "village", "村(居)民委员会"
    CENTRAL = "central", "中心学校"
    HOME_COUNTY = "home_county", "户籍所在地政府"
    GUARDIAN = "guardian", "监护人"


class LegalStep(models.IntegerChoices):
    """四步法. All four belong to the township government or the bureau; the school records what they did."""

    EDUCATION = 1, "宣传教育(批评教育)"
    ORDER = 2, "责令限期改正"
    PENALTY = 3, "行政处罚"
    COURT = 4, "申请强制执行或提起诉讼"


class ExportForm(models.TextChoices):
    ROSTER = "roster", "辍学学生登记表(花名册)"
    SINGLE = "single", "辍学学生登记表(单人表)"
