"""The sections of the page 「学籍」: each area of the registry adds the way to its own pages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One way on: its name, the route (without arguments), and in a sentence what is done there."""

    label: str
    url_name: str
    text: str = ""


# In the order of the page. Filled at start-up (AppConfig.ready), one line an area.
sections: list[Section] = [
    Section("学生", "students:list", "按班级、姓名、座号找学生，打开学生卡。"),
    Section("导入花名册", "students:import_upload", "先预览，再确认；不会删除学生。"),
]


def register(label: str, url_name: str, text: str = "") -> None:
    """Add a section. Each route stands once on the page."""
    if url_name not in {section.url_name for section in sections}:
        sections.append(Section(label, url_name, text))
