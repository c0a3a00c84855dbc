"""What the columns of a roster are called.

Synonyms follow the forms in use: the collection form of 72 items and the export of the national 学籍 system with both
of its header variants, county templates, class lists typed by hand. Of each field the first name is the one shown.
"""

from students.roster.columns import Words

_FAMILY_MEMBERS = (
    ("guardian", "成员1 家庭成员1 监护人1 第一监护人 家庭成员或监护人一 家庭成员一 监护人 家长"),
    ("guardian2", "成员2 家庭成员2 监护人2 第二监护人 家庭成员或监护人二 家庭成员二"),
)
_FAMILY_PARTS = {
    "name": "姓名",
    "relation": "关系",
    "relation_note": "关系说明",
    "address": "现住址 住址 地址 家庭住址",
    "hukou_address": "户口所在地 户口所在地行政区划 户籍地址 户籍地",
    "phone": "联系电话 电话 手机 手机号 手机号码 联系方式 电话号码",
    "is_guardian": "是否监护人",
    "id_type": "身份证件类型 证件类型",
    "id_no": "身份证件号 身份证号 身份证 身份证号码 身份证件号码",
    "ethnicity": "民族",
    "works_at": "工作单位 务工地",
    "job_title": "职务",
}


def _family(who: str, names: str) -> dict[str, str]:
    """The twelve columns of a family member: 成员1姓名, 家长电话 …"""
    return {
        f"{who}_{part}": " ".join(name + label for name in names.split() for label in labels.split())
        for part, labels in _FAMILY_PARTS.items()
    }


def _with(own: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    return {name: f"{labels} {more.get(name, '')}".strip() for name, labels in own.items()}


GROUPS: dict[str, dict[str, str]] = {
    "基本信息": {
        "serial": "序号 编号 no",
        "name": "姓名 学生姓名 名字 学生名 学生名字 孩子姓名 xm",
        "sex": "性别 男/女 学生性别 xb",
        "id_no": (
            "身份证件号 身份证号 身份证号码 身份证 身份证件号码 公民身份号码 公民身份证号码 居民身份证号 "
            "居民身份证号码 证件号 证件号码 学生身份证 学生身份证号 学生身份证号码 sfzjh sfzh"
        ),
        "id_type": "身份证件类型 证件类型 身份证类型",
        "birth_date": "出生日期 出生年月 出生年月日 生日 出生时间 csrq",
        "ethnicity": "民族 mz",
        "hukou_address": "户口所在地 户籍地址 户籍所在地 户口所在地行政区划 户籍地 籍贯地址 户籍详细地址 户口地址",
        "address": "现住址 家庭住址 家庭详细住址 家庭详细地址 居住地 居住地址 住址",
        "village": "村 村委会 村屯 行政村 村组 自然村 所在村 社区 村/社区 村名",
        "phone": "联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 家庭电话 学生联系电话 lxdh",
        "note": "备注 说明 注",
    },
    "学籍": {
        "roll_no": "学籍号 全国学籍号 学籍主号 全国学籍编号 g学籍号 学籍号码 学籍编号 国网学籍号 xjh qgxjh",
        "seat_no": "座号 座位号 班内学号 班学号 班内序号",
        "student_number": "学号 校内学号 教育id xh",
        "grade": "年级 所在年级 就读年级 年级名称 nj",
        "classroom": "班级 班别 所在班级 班级名称 年级班级 就读班级 班号 班 年级班 bj",
        "entry_month": "入学年月 入学时间 入学日期 入校时间 rxny",
        "board_type": "就读方式 是否住校 住宿情况 走读/住校 住校/走读 是否寄宿 是否住宿 是否寄宿生",
        "school_code": "学校标识码 学校代码 学校标识码/代码 xxdm",
        "roll_status": "学籍状态 学生状态 当前状态 学籍类别 在校状态",
        "roll_aux_no": "学籍辅号 学籍副号 省学籍号",
        "entry_mode": "入学方式",
        "source": "学生来源",
    },
    "扩展信息": {
        "former_name": "曾用名 cym",
        "birth_place": "出生地 出生地行政区划 csdm",
        "native_place": "籍贯 jg",
        "nationality": "国籍/地区 国籍 gjdqm",
        "hmt": "港澳台侨外 是否港澳台侨外 gatqwm",
        "political": "政治面貌 zzmmm",
        "health": "健康状况 jkzkm",
        "blood_type": "血型 xxm",
        "id_valid": "身份证件有效期 证件有效期 身份证有效期 sfzjyxq",
        "hukou_type": "户口性质 户口类别 户口类型 hkxzm",
        "specialty": "特长 tc",
        "mail_address": "通信地址 通讯地址 txdz",
        "home_address": "家庭地址",
        "postcode": "邮政编码 邮编 yzbm",
        "email": "电子信箱 电子邮箱 邮箱 dzxx",
        "homepage": "主页地址",
        "only_child": "是否独生子女 独生子女",
        "preschool": "是否受过学前教育 学前教育",
        "martyr_child": "是否烈士或优抚子女 烈士或优抚子女",
        "paid_seat": "是否由政府购买学位 政府购买学位",
        "needs_aid": "是否需要申请资助",
        "has_subsidy": "是否享受一补 享受一补",
        "distance_km": "上下学距离 上下学距离公里",
        "commute": "上下学交通方式 上下学方式",
        "school_bus": "是否需要乘坐校车 是否乘坐校车",
        "inclusive": "随班就读 是否随班就读",
    },
    "群体": {
        "left_behind": "是否留守儿童 留守儿童 留守情况 留守类型 是否留守",
        "migrant": "是否进城务工人员随迁子女 随迁子女 是否随迁 是否随迁子女",
        "disability": "残疾类型 残疾类别 是否残疾 残疾",
        "disability_grade": "残疾等级 残疾级别",
        "poverty": "是否建档立卡 建档立卡 是否脱贫户 脱贫户 是否贫困户 贫困类别 困难类型 是否脱贫户监测户 困难类别",
        "monitored": "监测户 是否监测户",
        "minimum_living": "低保 是否低保 低保户 是否低保户",
        "orphan": "是否孤儿 孤儿",
        "unattended": "事实无人抚养 是否事实无人抚养 事实无人抚养儿童",
    },
    "家长": _with(
        _family(*_FAMILY_MEMBERS[0]),
        {
            "guardian_name": "监护人 家长",
            "guardian_relation": "关系 与学生关系 监护关系 称谓 家长与学生关系 监护人与学生关系 与监护人关系",
        },
    ),
    "第二位家长": _family(*_FAMILY_MEMBERS[1]),
    "父母": {
        "father_name": "父亲姓名 父亲 爸爸姓名",
        "father_phone": "父亲电话 父亲联系电话 父亲手机 父亲手机号 父亲联系方式",
        "mother_name": "母亲姓名 母亲 妈妈姓名",
        "mother_phone": "母亲电话 母亲联系电话 母亲手机 母亲手机号 母亲联系方式",
    },
}
SYNONYMS: dict[str, str] = {name: labels for group in GROUPS.values() for name, labels in group.items()}

ROSTER = Words(
    SYNONYMS,
    needs="name",
    # Who gives no 现住址 means the family's address by whichever of the two other names he uses.
    instead={"address": ("home_address", "mail_address")},
)
