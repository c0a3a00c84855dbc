"""Code lists of the schools app: kinds of units, duties, what audit entries may be called."""

from django.db import models


class UnitKind(models.TextChoices):
    COUNTY = "county", "县(市、区)"
    TOWNSHIP = "township", "乡镇"
    CENTRAL = "central", "中心校"
    SCHOOL = "school", "学校"
    POINT = "point", "教学点"


class Program(models.TextChoices):
    """学校办学类型, JY/T 1001 (excerpt)."""

    PRIMARY = "211", "小学"
    POINT = "218", "小学教学点"
    JUNIOR = "311", "初级中学"
    NINE_YEAR = "312", "九年一贯制学校"


class Stage(models.TextChoices):
    """学段."""

    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"


class Role(models.TextChoices):
    HEAD_TEACHER = "head_teacher", "班主任"
    SUBJECT_TEACHER = "subject_teacher", "任课教师"
    CLERK = "clerk", "教务员"
    PRINCIPAL = "principal", "校长"
    DELEGATE = "delegate", "受托代行校长"
    ADMIN = "admin", "系统管理员"
    AUDITOR = "auditor", "审计查看"
    CENTRAL = "central", "中心校"
    TOWNSHIP = "township", "乡镇"
    COUNTY = "county", "县教育局"


CLASS_ROLES = frozenset({Role.HEAD_TEACHER, Role.SUBJECT_TEACHER})
DECIDERS = frozenset({Role.PRINCIPAL, Role.DELEGATE})
OFFICE = frozenset({Role.CLERK, Role.PRINCIPAL, Role.DELEGATE})
OVERSEERS = frozenset({Role.CENTRAL, Role.TOWNSHIP, Role.COUNTY})
# Whose duty shows no pupil at all.
KEEPERS = frozenset({Role.ADMIN, Role.AUDITOR})


class Verb(models.TextChoices):
    """What an audit entry may record. A verb that is not here can't be done."""

    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOGOUT = "logout", "退出"
    PASSWORD = "password", "改密码"
    SETUP = "setup", "建立学校"
    PERSON = "person", "人员变动"
    DUTY = "duty", "岗位变动"
    SLIP = "slip", "发一次性密码条"
    CLASSROOM = "classroom", "班级变动"
    CALENDAR = "calendar", "校历变动"
    POLICY = "policy", "参数变动"
    IMPORT = "import", "导入花名册"
    ROLL = "roll", "学籍变动"
    STUDENT = "student", "学生信息变动"
    PAPER = "paper", "学籍材料"
    SURVEY = "survey", "摸底册"
    ROLL_CHECK = "roll_check", "学籍清查"
    REGISTRATION = "registration", "开学报到"
    CARD = "card", "查看学生卡"
    REVEAL = "reveal", "查看完整证件号"
    PHONE = "phone", "查看监护人电话"
    REPORT = "report", "到校日报"
    VERIFY = "verify", "核实到校"
    LEAVE = "leave", "请假"
    LEAD = "lead", "线索"
    LESSON = "lesson", "课堂缺席"
    REMIND = "remind", "催报"
    REVIEW = "review", "审核日汇总"
    ALERT = "alert", "系统预警"
    FINDING = "finding", "认定"
    STEP = "step", "个案推进"
    CASE = "case", "个案信息"
    CONTACT = "contact", "联系走访"
    NOTICE = "notice", "校发文书"
    LEGAL_ACT = "legal_act", "外来文书"
    CLOSE = "close", "销号"
    ATTACHMENT = "attachment", "附件"
    EXPORT = "export", "导出"


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", "Excel 打印版"
    DATA = "xlsx-data", "Excel 数据版(首行表头)"
    PDF = "pdf", "PDF"


class Edition(models.TextChoices):
    MASKED = "masked", "脱敏"
    FULL = "full", "报教育局(全号)"


class ExportStatus(models.TextChoices):
    ASKED = "asked", "待校长批准"
    REFUSED = "refused", "未批准"
    WAITING = "waiting", "排队"
    RUNNING = "running", "生成中"
    DONE = "done", "已生成"
    FAILED = "failed", "失败"
