"""What the audit trail's details of this app are called."""

from django.apps import apps

from followups import codes
from followups.facts import FACTS
from followups.models import Case
from schools import codes as schools_codes
from schools import trail


def explain() -> None:
    models = apps.get_app_config("followups").get_models()
    trail.explain(
        {
            "addressees": "送交",
            "alone": "一人兼任",
            "by": "经手",
            "bytes": "字节",
            "case": "个案编号",
            "dated_on": "成文日期",
            "evidence": "依据",
            "field": "项目",
            "form": "表",
            "kind": "类别",
            "met": "见到",
            "number": "文号",
            "paper": "纸张",
            "proposed": "提请",
            "reason": "原因",
            "received_on": "签收日期",
            "result": "结果",
            "sent_back": "退回提请",
            "served_on": "送达日期",
            "source": "原阶段",
            "stage": "学段",
            "state": "状态",
            "step": "四步法",
            "student": "学生编号",
            "target": "转到",
            "to": "附在",
            "village": "村屯",
            "way": "方式",
        },
        {
            "addressees": codes.Addressee.choices,
            "changed": [(field.name, field.verbose_name) for field in Case._meta.fields if field.name in FACTS],
            "form": codes.ExportForm.choices,
            "kind": codes.NoticeKind.choices + codes.FindingKind.choices,
            "met": codes.Met.choices,
            "opened": codes.Source.choices,
            "paper": [("a3", "A3"), ("a4", "A4")],
            "proposed": codes.ProposalKind.choices,
            "reason": codes.Reason.choices,
            "result": codes.Result.choices,
            "sent_back": codes.ProposalKind.choices,
            "source": codes.Stage.choices,
            "stage": schools_codes.Stage.choices,
            "state": [("open", "在办"), ("closed", "已结案"), ("returned", "已复学")],
            "step": codes.LegalStep.choices,
            "target": codes.Stage.choices,
            "to": [(model._meta.model_name, model._meta.verbose_name) for model in models],
            "field": [("responsible", "责任人")],
            "way": codes.Way.choices,
            "withdrawn": codes.Outcome.choices,
        },
    )
