"""How dates and numbers stand on the pages of a school."""

DATE_FORMAT = "Y年n月j日"
SHORT_DATE_FORMAT = "Y-n-j"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = "Y年n月j日 G:i"
MONTH_DAY_FORMAT = "n月j日"
FIRST_DAY_OF_WEEK = 1
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]
USE_THOUSAND_SEPARATOR = False
