"""The rules of the house that no single file shows. Each fence is also shown a breach, so it is known to stand."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from kongchuo import idnumber
from kongchuo.datadir import ROOT

APPS = ("kongchuo", "schools", "students", "attendance", "followups")
# The modules that hand rows to a person: pages, choices, files.
GIVING = re.compile(r"(views|forms|exports|documents)(_\w+)?(\.py|/)|/\w+_(views|forms|exports|documents)\.py")


def tracked_files() -> list[Path]:
    """What git keeps; where there is no git (a copy on a stick), whatever is not ignored by name."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    return [path for path in ROOT.rglob("*") if path.is_file() and not ignored & set(path.relative_to(ROOT).parts)]


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Name and text of every tracked text file, or of those with one of the suffixes."""
    for path in tracked_files():
        if not suffixes or path.suffix in suffixes:
            try:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of every module of the site itself."""
    for name, text in texts(".py"):
        if name.startswith(APPS) and "/migrations/" not in name:
            yield name, ast.parse(text, name)


# --- Scope ----------------------------------------------------------------------------------------------------
def scoped_models() -> set[str]:
    """Models whose rows belong to somebody: their querysets answer `visible_to`."""
    return {model.__name__ for model in apps.get_models() if hasattr(model._default_manager.none(), "visible_to")}


def unscoped_uses(tree: ast.Module, scoped: set[str]) -> list[int]:
    """Lines that reach rows of a scoped model past `visible_to`: a bare manager, or a shortcut given the model."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def names(node: ast.AST) -> str:
        return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""

    def is_scoped_at_once(node: ast.AST) -> bool:
        chain = parents.get(node)
        while isinstance(chain, ast.Attribute) or (isinstance(chain, ast.Call) and chain.func is node):
            if isinstance(chain, ast.Attribute) and chain.attr in ("visible_to", "none"):
                return True
            node, chain = chain, parents.get(chain)
        return False

    def passes_by(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager"):
            return names(node.value) in scoped and not is_scoped_at_once(node)
        if isinstance(node, ast.Call) and names(node.func) in ("get_object_or_404", "get_list_or_404"):
            return bool(node.args) and names(node.args[0]) in scoped
        return False

    return sorted(node.lineno for node in ast.walk(tree) if passes_by(node))


def test_rows_reach_a_person_only_through_visible_to():
    scoped = scoped_models()
    assert {"Student", "Classroom", "DailyReport", "Case"} <= scoped
    found = [
        f"{name}:{line}" for name, tree in modules() if GIVING.search(name) for line in unscoped_uses(tree, scoped)
    ]
    assert not found, f"rows without .visible_to(…): {found}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Student.objects.visible_to(user).get(pk=1)", []),
        ("Student.objects.on_roll(day).visible_to(user)", []),
        ("Term.objects.all()", []),
        ("Student.objects.get(pk=1)", [1]),
        ("x = Student.objects", [1]),
        ("\nmodels.Student._base_manager.all()", [2]),
        ("get_object_or_404(Student, pk=1)", [1]),
        ("Student.objects.filter(classroom__in=Classroom.objects.visible_to(user))", [1]),
    ],
)
def test_the_scope_fence_sees(source, lines):
    assert unscoped_uses(ast.parse(source), {"Student", "Classroom"}) == lines


def test_choices_of_a_form_are_empty_until_a_person_is_known():
    scoped = scoped_models()
    found = []
    for name in [name for name, _ in modules() if "forms" in name]:
        module = importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                for field_name, field in form.base_fields.items():
                    queryset = getattr(field, "queryset", None)
                    if queryset is not None and queryset.model.__name__ in scoped and not queryset.query.is_empty():
                        found.append(f"{form.__name__}.{field_name}")
    assert not found, f"choices from scoped rows; start with .none() and fill them with .visible_to(user): {found}"


# --- URLs -----------------------------------------------------------------------------------------------------
def url_patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from url_patterns(pattern, route)
        else:
            yield route, pattern


def test_every_url_has_a_name_and_a_declared_access_policy():
    patterns = list(url_patterns())
    assert "login/" in dict(patterns)
    assert not [route for route, pattern in patterns if not pattern.name], "URLs without a name"
    undeclared = [route for route, pattern in patterns if getattr(pattern.callback, "access", None) is None]
    assert not undeclared, f"views without @access(…): {undeclared}"


def test_no_admin_site():
    assert "django.contrib.admin" not in settings.INSTALLED_APPS  # a side door without scopes


# --- One place for each thing ---------------------------------------------------------------------------------
ONLY_IN = {"weasyprint": {"kongchuo/pdf.py"}, "xlsxwriter": set(), "mock": set()}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_each_tool_is_imported_in_its_one_place():
    found = [
        f"{name} imports {module}"
        for name, tree in modules()
        for module in imported(tree)
        if name not in ONLY_IN.get(module.split(".")[0], {name})
    ]
    assert not found


def test_starting_the_site_does_not_load_weasyprint():
    # 2.4 s that only the first PDF shall cost.
    script = "import sys, kongchuo.wsgi, kongchuo.urls; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


# Yesterday until 08:00 in China, or the machine's clock instead of the school's.
WRONG_CLOCK = re.compile(r"\bdate\.today\(|\bdatetime\.(today|now)\(|\.now\(\)\.date\(|\butc(now|fromtimestamp)\(")


@pytest.mark.parametrize(
    "source", ["date.today()", "timezone.now().date()", "datetime.utcnow()", "datetime.datetime.now(tz)"]
)
def test_the_clock_fence_sees(source):
    assert WRONG_CLOCK.search(source)


def test_only_dates_asks_a_clock():
    found = [
        f"{name}:{number}"
        for name, text in texts(".py")
        if name.startswith(APPS) and name != "kongchuo/dates.py"
        for number, line in enumerate(text.splitlines(), 1)
        if WRONG_CLOCK.search(line)
    ]
    assert not found, f"take the date from kongchuo.dates: {found}"


def test_files_stay_short_enough_to_read():
    long = {
        name: count
        for name, text in texts(".py", ".html", ".css", ".js")
        if "/migrations/" not in name and (count := text.count("\n")) > 500
    }
    assert not long, "split by noun"


# --- What the files may say -----------------------------------------------------------------------------------
# Bounded by letters too: a hash in a lock file holds every run of digits sooner or later.
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[GJL]?([1-9]\d{16}[\dXx])(?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])")
MACHINE = re.compile(
    r"(?<![\w.-])/(?:work|root|home|tmp|opt)/|\bpypi\.|\bpythonhosted\.|\bnpmjs\.|--(?:extra-)?index-url|--(?:find)-links"
    r"|\bmirrors?\.[a-z]+\.|\bdeb\.debian\.",
    re.IGNORECASE,
)


def real_numbers(text: str) -> list[str]:
    """ID numbers whose checksum holds, and mobile numbers, as masks (a test must not print them either)."""
    numbers = [number for number in ID_NUMBER.findall(text) if not idnumber.problem(number.upper())]
    return [idnumber.mask(number) for number in numbers + PHONE.findall(text)]


def test_no_real_number_stands_in_a_file():
    found = {name: numbers for name, text in texts() if (numbers := real_numbers(text))}
    assert not found, "build numbers at run time (kongchuo.idnumber.check_digit)"


def test_the_number_fence_sees():
    first17 = "532901" + "20150307" + "001"
    number = first17 + idnumber.check_digit(first17)
    wrong = first17 + ("0" if number[-1] != "0" else "1")
    assert real_numbers(f"身份证号{number}。") == real_numbers(f"G{number}") == [number[:6] + "*" * 12]
    assert not real_numbers(wrong)
    assert real_numbers("电话:" + "138" + "0013" + "8000")


def test_no_machine_path_and_no_registry_host_stands_in_a_file():
    found = [f"{name}: {match[0]}" for name, text in texts() for match in MACHINE.finditer(text)]
    assert not found


@pytest.mark.parametrize("text", ["cd /" + "root/x", "--find" + "-links wheels", "https://py" + "pi.org/simple"])
def test_the_machine_fence_sees(text):
    assert MACHINE.search(text)


# What the content security policy would block, or a school without the internet would wait for.
FROM_ELSEWHERE = re.compile(
    r"<(?!a\b)[a-z]+\b[^>]*?\b(?:src|href|srcset|action|poster|data)\s*=\s*[\"']?(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//"
    r"|@import\s+(?:url\()?[\"']?(?:https?:)?//",
    re.IGNORECASE,
)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*\btype=[\"']application/json)|<[a-z]+\b[^>]*?\son[a-z]+\s*=|javascript:",
    re.IGNORECASE,
)


def test_templates_load_nothing_from_elsewhere_and_run_no_inline_script():
    found = [
        f"{name}: {match[0]}"
        for name, text in texts(".html", ".css", ".svg")
        for fence in (FROM_ELSEWHERE, INLINE)
        for match in fence.finditer(text)
    ]
    assert not found


@pytest.mark.parametrize(
    ("fence", "text"),
    [
        (FROM_ELSEWHERE, '<link rel="stylesheet" href="https://cdn.example/x.css">'),
        (FROM_ELSEWHERE, "<img alt='' src=//cdn.example/x.png>"),
        (FROM_ELSEWHERE, "background: url('http://cdn.example/x.png')"),
        (INLINE, "<script>go()</script>"),
        (INLINE, '<button class="x" onclick="go()">'),
        (INLINE, '<a href="javascript:go()">'),
    ],
)
def test_the_template_fences_see(fence, text):
    assert fence.search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{% static "js/x.js" %}" defer></script>',
        '<script id="x" type="application/json">',
        '<a href="https://www.gov.cn/x">',
        '<svg xmlns="http://www.w3.org/2000/svg">',
    ],
)
def test_the_template_fences_let_pass(text):
    assert not FROM_ELSEWHERE.search(text)
    assert not INLINE.search(text)
