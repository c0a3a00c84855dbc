"""The import of the national system's export, 5 000 pupils × 60 columns: preview and commit beside their floors."""

import datetime
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import transaction
from openpyxl import Workbook

from followups.bench import floors
from followups.bench.measure import Figure, Timing, once, peak_memory
from followups.bench.setting import TODAY, Setting
from followups.demo import base
from followups.demo.people import Crowd
from kongchuo import datadir
from schools.codes import Program, UnitKind
from schools.models import Unit
from students import imports
from students.import_commit import commit_import
from students.import_plan import Plan
from students.roster import process, stored

PUPILS = 5000
CODE = "3153009009"
_GRADES = "一二三四五六七八九"
_MEMBER = "姓名 关系 关系说明 现住址 户口所在地 联系电话 是否监护人 身份证件类型 身份证件号 民族 工作单位 职务"
_OWN = """
学校标识码 姓名 性别 出生日期 出生地 籍贯 民族 国籍/地区 身份证件类型 港澳台侨外 健康状况 政治面貌 身份证件号 户口性质
户口所在地 班级 入学年月 入学方式 就读方式 现住址 通信地址 家庭地址 联系电话 邮政编码 是否独生子女 是否受过学前教育
是否留守儿童 是否需要申请资助 是否享受一补 是否孤儿 是否烈士或优抚子女 上下学距离（公里） 上下学交通方式
是否需要乘坐校车 学生来源 全国学籍号
"""
HEADINGS = _OWN.split() + [f"成员{number}{part}" for number in (1, 2) for part in _MEMBER.split()]


def measure(setting: Setting) -> Iterator[Figure]:
    data = export()
    school = base.make_unit(
        UnitKind.SCHOOL, "导入学校", code=CODE, program=Program.NINE_YEAR, county_name="云岭县", township_name="测量乡"
    )
    mine, its = _in_turns(lambda: preview(school, data), lambda: floors.cells(data))
    note = f"墙钟 {mine.wall / 1000:.2f} / {its.wall / 1000:.2f} s，含读取进程"
    yield Figure(f"导入预览 {PUPILS}行×{len(HEADINGS)}列", mine.cpu, "CPU ms", its.cpu, 3, note)
    yield _commit(school, data)
    yield Figure("导入 内存", _memory(data), "MB", limit=400, note="服务进程与读取进程各自峰值之和")


def preview(school: Unit, data: bytes) -> Plan:
    """All between the uploaded bytes and what the preview page shows, the keeping included."""
    kept = stored.pack(process.read_lines(data))
    return imports.plan_of(lambda: stored.load(kept), school=school, on=TODAY)


def _commit(school: Unit, data: bytes) -> Figure:
    """Each run is taken back, so that every run finds the school empty."""

    def ours() -> None:
        with transaction.atomic():
            commit_import(plan=plans.pop(), actor=None, sha256="0" * 64)
            transaction.set_rollback(True)

    def floor() -> None:
        with transaction.atomic():
            floors.rows(kept)
            transaction.set_rollback(True)

    plans = [preview(school, data) for _ in range(7)]
    with transaction.atomic():
        commit_import(plan=plans.pop(), actor=None, sha256="0" * 64)
        kept = floors.rows_of(school)
        transaction.set_rollback(True)
    mine, its = _in_turns(ours, floor)
    note = f"墙钟 {mine.wall / 1000:.2f} / {its.wall / 1000:.2f} s，含留痕与撤销用的记录"
    return Figure(f"导入确认 新增{PUPILS}人", mine.cpu, "CPU ms", its.cpu, 3, note)


def _in_turns(ours: Callable[[], Any], floor: Callable[[], Any], times: int = 5) -> tuple[Timing, Timing]:
    """Medians of both, run alternately; CPU of the processes they start included."""
    taken: tuple[list[Timing], list[Timing]] = ([], [])
    for number in range(times + 1):
        for kept, run in zip(taken, (ours, floor), strict=True):
            before = os.times()
            timing = once(run)
            after = os.times()
            children = after.children_user + after.children_system - before.children_user - before.children_system
            if number:  # the first round warms both
                kept.append(Timing(timing.cpu + children * 1000, timing.wall))
    mine, its = (
        Timing(statistics.median(t.cpu for t in kept), statistics.median(t.wall for t in kept)) for kept in taken
    )
    return mine, its


def _memory(data: bytes) -> float:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "manage.py", "bench", "--probe", file.name]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=datadir.ROOT)  # noqa: S603
    return float(json.loads(answer.stdout))


def probe(file: str) -> float:
    """Largest memory of a process that imports this file and nothing else, and of the process that reads it for it."""
    plan = preview(Unit.objects.get(code=CODE), Path(file).read_bytes())
    with transaction.atomic():
        commit_import(plan=plan, actor=None, sha256="0" * 64)
        transaction.set_rollback(True)
    return peak_memory() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def export(pupils: int = PUPILS) -> bytes:
    """A file as the national system exports it, of invented children."""
    crowd = Crowd(random.Random(7))  # noqa: S311 - invented people, not secrets
    book = Workbook(write_only=True)
    sheet = book.create_sheet("学生基本信息")
    sheet.append(HEADINGS)
    for number in range(pupils):
        sheet.append(_row(crowd, number))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _row(crowd: Crowd, number: int) -> list[str | None]:
    chance, grade = crowd.random, number % 9 + 1
    sex = chance.choice("12")
    born = datetime.date(2020 - grade, 8, 31) - datetime.timedelta(days=chance.randrange(365))
    identity = crowd.id_number(born, sex)
    address = f"云岭县测量乡{chance.choice(('柳树村', '石桥村', '青冈村'))}{chance.randrange(1, 90)}号"
    cells: list[str | None] = [
        CODE, crowd.name(), "男女"[int(sex) - 1], f"{born:%Y%m%d}", "云岭县", "云岭县", "汉族", "中国", "居民身份证",
        "否", "健康或良好", "少先队员", identity, "农业", "云岭县测量乡",
        f"{_GRADES[grade - 1]}({number // 9 % 12 + 1})班",
        f"{2026 - grade if grade < 7 else 2032 - grade}09", "就近入学", "走读", address, address, address,
        crowd.phone(), "671000", "否", "是", "非留守儿童", "否", "是", "否", "否", f"{chance.randrange(80) / 10}",
        "步行", "否", "正常入学", f"G{identity}",
    ]  # fmt: skip
    for relation, parity in (("父亲", "1"), ("母亲", "2")):
        birth = datetime.date(1985, 1, 1) + datetime.timedelta(days=chance.randrange(3000))
        cells += [
            crowd.name(), relation, None, address, "云岭县测量乡", crowd.phone(), "是", "居民身份证",
            crowd.id_number(birth, parity), "汉族", None, None,
        ]  # fmt: skip
    return cells
