from typing import Any

from django.core.management.base import BaseCommand

from schools import setup


class Command(BaseCommand):
    help = (
        "还没有学校时，生成并显示建校用的一次性代码（打开网站首页，按向导填写）。"
        "每次运行都换一个新的代码，旧的作废；代码用过即失效。已有学校时什么也不做。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if setup.school_exists():
            return
        self.stdout.write("还没有建立学校。请用浏览器打开本站首页，按向导填写；建校一次性代码：\n")
        self.stdout.write(f"    {setup.new_code()}\n")
        self.stdout.write("代码只能用一次；重新启动或再运行 setup_code 会换新的。\n")
