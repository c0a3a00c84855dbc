"""Everything that the stylesheet draws, on one page that only the tests can see."""

import datetime
from types import SimpleNamespace
from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.paginator import Paginator

from kongchuo.forms import DateInput, form_helper
from schools.templatetags import kc

DAY = datetime.date(2026, 3, 11)
MOMENT = datetime.datetime(2026, 3, 11, 8, 7, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


class VisitForm(forms.Form):
    on = forms.DateField(label="日期", widget=DateInput)
    way = forms.ChoiceField(label="方式", choices=[("home", "家访"), ("phone", "电话")], widget=forms.RadioSelect)
    met = forms.ChoiceField(label="见到谁", choices=[("", "请选择"), ("g", "监护人"), ("n", "无人在家")])
    reasons = forms.MultipleChoiceField(
        label="原因", choices=[("w", "外出务工"), ("t", "厌学")], widget=forms.CheckboxSelectMultiple, required=False
    )
    text = forms.CharField(
        label="情况", widget=forms.Textarea(attrs={"rows": 3}), required=False, help_text="可以不写。"
    )
    photo = forms.FileField(label="照片", required=False)
    agreed = forms.BooleanField(label="监护人已在记录上签字")

    helper = form_helper("登记这次家访", back="/x/")
    helper.layout = Layout(
        Row(Column("on", css_class="col-md-4"), Column("met", css_class="col-md-8")), "way", "reasons", "text", "photo"
    )


class FilterForm(forms.Form):
    name = forms.CharField(label="姓名", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), ("a", "疑似"), ("b", "辍学")], required=False)


def days() -> list[dict[str, Any]]:
    words = ["到", "病假", "无故未到", "无故未到", "原因待核", "未报"]
    return [{"on": DAY - datetime.timedelta(days=5 - n), "word": word} for n, word in enumerate(words)]


def context(*, bound: bool = False) -> dict[str, Any]:
    """The context of sample.html; with `bound`, the form has been sent empty."""
    states = ["疑似辍学", "辍学", "待认定", "复学"]
    dues = [("超期", "超2天"), ("临期", "还2天"), ("", ""), ("销号", "3/10 销号")]
    names = ["李建军", "扎西卓玛", "王小梅", "买买提·吐尔逊"]
    return {
        "user": SimpleNamespace(is_authenticated=True, name="王校长", get_username="wang"),
        "site": {
            "school": "某县某镇九年一贯制学校",
            "today": DAY,
            "duty": "校长",
            "nav": [
                {"url": "/", "label": word, "current": word == "个案"}
                for word in ("今天", "到校日报", "个案", "登记册", "学生", "报表", "人员与岗位", "校历", "参数")
            ],
            "banners": [
                {"kind": "demo", "text": "演示数据，人物均为虚构。今天停在 2026年3月11日。"},
                {"kind": "http", "text": "现在是明文连接：不要在校外网络使用。", "url": "/x/", "label": "怎么办"},
            ],
        },
        "words": list(kc.STATES),
        "days": days(),
        "steps": [
            {"label": "认定", "state": "done", "note": "疑似 3/9 王校长", "url": "/x/"},
            {"label": "报告", "state": "done", "note": "3/10 回执已存"},
            {"label": "走访", "state": "current", "note": "1/2 次，截止 3/13（还2天）"},
            {"label": "依法强制", "state": "todo", "why": "需先有1次见到监护人的家访或2次无人在家"},
            {"label": "结案", "state": "todo", "why": "需连续到校 5 天"},
        ],
        "lines": [
            {"label": "今天缺勤", "n": 17, "url": "/x/", "coverage": "28/30 班已报，9:42"},
            {
                "label": "连缺≥3天且今天无人联系",
                "n": 2,
                "url": "/x/",
                "tone": "alarm",
                "button": {"url": "/x/", "label": "去处置"},
            },
            {"label": "明天将满3天", "n": 3, "url": "/x/", "tone": "soon", "coverage": "班主任今天应联系"},
            {"label": "等我签字", "n": 0, "coverage": "认定 · 销号 · 月报"},
        ],
        "rows": [
            {
                "name": name,
                "classroom": f"七({n + 1})班",
                "state": states[n],
                "days": 5 - n,
                "next": "第2次家访",
                "due": dues[n][0],
                "due_text": dues[n][1],
            }
            for n, name in enumerate(names)
        ],
        "page": Paginator(range(970), 50).page(3),
        "entries": [
            {
                "at": MOMENT,
                "who": "张老师",
                "title": "家访",
                "state": "临期",
                "text": "奶奶在家，孩子随父亲外出。",
                "files": [{"label": "照片1", "url": "/x/"}],
            },
            {"at": DAY, "title": "连续缺勤满 3 天，系统列为待认定"},
        ],
        "trail": [{"at": MOMENT, "who": "王校长", "what": "查看了卡片"}],
        "at": MOMENT,
        "actions": [{"label": "更正", "url": "/x/"}, {"label": "复制日报文字", "url": "/x/"}],
        "primary": {"url": "/x/", "label": "提交：51到 · 缺1 · 请假1"},
        "others": [{"url": "/x/", "label": "记一次联系"}],
        "form": VisitForm({}) if bound else VisitForm(),
        "filter_form": FilterForm({"state": "a"}),
        "secret": "530125********",
    }
