"""What identifies and reaches customers, and the days to remember. Pure functions."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import phonenumbers
from lunar_python import Lunar, LunarMonth, LunarYear, Solar

from guanxi.customers.choices import ConsentState, Joins, PointType
from guanxi.kernel.errors import RuleViolation

DEFAULT_REGION = "CN"
MONTHS = 12
ONES = "一二三四五六七八九"
LUNAR_MONTHS = {name: month for month, name in enumerate("正二三四五六七八九十冬腊", 1)} | {
    "一": 1,
    "十一": 11,
    "十二": 12,
}
LUNAR_DAYS = {
    name: day
    for day, name in enumerate(
        (
            *(f"初{one}" for one in f"{ONES}十"),
            *(f"十{one}" for one in ONES),
            "二十",
            *(f"廿{one}" for one in ONES),
            "三十",
        ),
        1,
    )
}
LUNAR_DAY = re.compile(
    r"(?:农历|阴历|旧历|lunar)\s*(?:(?P<year>[0-9]{4})\s*[年./-]\s*)?"
    r"(?P<month>[0-9]{1,2}|十[一二]|[正一二三四五六七八九十冬腊])\s*[月./-]\s*(?P<day>[0-9]{1,2}|[初十廿三二][一二三四五六七八九十])\s*[日号]?",
    re.IGNORECASE,
)
SOLAR_DAY = re.compile(
    r"--(?P<bare_month>[0-9]{2})-?(?P<bare_day>[0-9]{2})"
    r"|(?P<month>[0-9]{1,2})\s*[月./-]\s*(?P<day>[0-9]{1,2})\s*[日号]?"
)
ORGANISATION = re.compile(
    "公司|集团|厂|店|银行|医院|学校|大学|学院|中心|事务所|协会|合作社|研究[所院]|工作室|商行|酒店|超市|局$|部$|院$|社$"
    r"|\b(?:inc|ltd|llc|llp|plc|gmbh|co|corp|corporation|company|group|limited|bank|university|hospital|s\.?a\.?|b\.?v\.?)\b",
    re.IGNORECASE,
)
MAIL = re.compile(r"[^\s\x00-\x1f\x7f@<>(),;:\"\[\]\\]+@[^\s\x00-\x1f\x7f@<>(),;:\"\[\]\\]+")
"""One address alone: no name beside it, and no second address."""
CHINESE_NAME = re.compile("[\u3400-\u9fff·]{2,4}")
PERSON = re.compile(r"[^\W\d_][\w.'’-]*( [^\W\d_][\w.'’-]*){1,3}")
DOUBLE_FAMILY_NAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "夏侯",
        "南宫",
        "端木",
        "长孙",
        "宇文",
        "轩辕",
        "独孤",
    ]
)
FAMILY_NAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊"
    "纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单"
    "杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴"
    "甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑"
    "桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东殳沃利蔚越夔隆师"
    "巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖付闫覃岳邸冼"
)
LEAP_FREE_YEAR = 2024
NEARLY_MOBILE_DIGITS = (8, 9, 10, 12, 13)
LONGEST_LUNAR_MONTH = 30
FIRST_YEAR = 1800
FIRST_CONSENT_YEAR = 1950
LAST_YEAR = 2100


def is_like_organisation(name: str) -> bool:
    """Whether a name looks like that of an organisation: by its words, or because no person is called so.

    Chinese persons have names of two to four characters, of which the first is a family name.
    """
    text = name.strip()
    if ORGANISATION.search(text):
        return True
    if CHINESE_NAME.fullmatch(text):
        return text[0] not in FAMILY_NAMES and text[:2] not in DOUBLE_FAMILY_NAMES
    return not PERSON.fullmatch(text)


def split_name(name: str) -> tuple[str, str]:
    """A full name as family name and given name: 欧阳修 is 欧阳 and 修, Mary Ann Smith is Smith and Mary Ann."""
    text = " ".join(name.split())
    if CHINESE_NAME.fullmatch(text):
        place = 2 if text[:2] in DOUBLE_FAMILY_NAMES and len(text) > 2 else 1
        return text[:place], text[place:]
    given, _blank, family = text.rpartition(" ")
    return family, given


@lru_cache(maxsize=20_000)
def normalised_point(point_type: str, value: str) -> str:
    """The form in which contact points are compared: E.164 for phones, lower case for mail, trimmed otherwise.

    Raises: RuleViolation("point.phone" | "point.phone_length" | "point.mobile_length" | "point.mail") when the value
    cannot be one.
    """
    text = value.strip()
    match point_type:
        case PointType.MOBILE | PointType.PHONE:
            if point_type == PointType.MOBILE:
                _require_mobile_length(text)
            return _normalised_phone(text)
        case PointType.MAIL:
            local, _at, domain = text.rpartition("@")
            if not MAIL.fullmatch(text) or "." not in domain:
                raise RuleViolation("point.mail", "“%(value)s” is not an e-mail address.", value=text, field="value")
            return f"{local}@{domain}".lower()
        case _:
            return text


def _normalised_phone(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise RuleViolation("point.phone", "“%(value)s” is not a phone number.", value=text, field="value") from error
    if not phonenumbers.is_possible_number(parsed):
        raise RuleViolation(
            "point.phone_length",
            "“%(value)s” has too few or too many digits for a phone number.",
            value=text,
            field="value",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _require_mobile_length(text: str) -> None:
    """Mainland mobile numbers begin with 1 and have 11 digits; a slip of one or two digits is told as such."""
    digits = "".join(character for character in text.removeprefix("+86") if character.isdecimal())
    is_mainland = digits.startswith("1") and (text.startswith("+86") or not text.startswith("+"))
    if is_mainland and len(digits) in NEARLY_MOBILE_DIGITS:
        raise RuleViolation(
            "point.mobile_length",
            "A mobile number has 11 digits; “%(value)s” has %(count)s.",
            value=text,
            count=len(digits),
            field="value",
        )


def require_receiver(point_type: str, *, receives_mail: bool, receives_sms: bool) -> None:
    """Mail goes to an e-mail address, text messages to a mobile number.

    Raises: RuleViolation("point.receives_mail" | "point.receives_sms").
    """
    if receives_mail and point_type != PointType.MAIL:
        raise RuleViolation("point.receives_mail", "Only an e-mail address can receive mail.", field="receives_mail")
    if receives_sms and point_type != PointType.MOBILE:
        raise RuleViolation(
            "point.receives_sms", "Only a mobile number can receive text messages.", field="receives_sms"
        )


def require_yearly_date(month: int, day: int, *, is_lunar: bool, year: int | None = None) -> None:
    """A day to remember must exist in its calendar, in its own year where the year is known.

    Raises: RuleViolation("date.unknown" | "date.year").
    """
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleViolation(
            "date.year", "The year lies between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR, field="year"
        )
    if is_lunar:
        longest = LunarMonth.fromYm(year, month).getDayCount() if year else LONGEST_LUNAR_MONTH
    else:
        longest = monthrange(year or LEAP_FREE_YEAR, month)[1]
    if not 1 <= day <= longest:
        raise RuleViolation("date.unknown", "This month has only %(days)s days.", days=longest, field="day")


@dataclass(frozen=True, slots=True)
class YearlyDay:
    """A day to remember each year: month and day of its calendar, and the year of the first one where it is known."""

    month: int
    day: int
    year: int | None = None
    is_lunar: bool = False


def yearly_day(text: str) -> YearlyDay | None:
    """The day that a text writes without a year or in the lunar calendar; None for all else, also for no such day.

    Read are 5月3日, 05-03, 5/3 (the month first), --0503, 农历八月十五, 阴历1984年8月15日.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    lunar, solar = LUNAR_DAY.fullmatch(plain), SOLAR_DAY.fullmatch(plain)
    if lunar:
        month, day = _in_digits(lunar["month"], LUNAR_MONTHS), _in_digits(lunar["day"], LUNAR_DAYS)
        found = YearlyDay(month, day, int(lunar["year"]) if lunar["year"] else None, is_lunar=True)
    elif solar:
        found = YearlyDay(int(solar["bare_month"] or solar["month"]), int(solar["bare_day"] or solar["day"]))
    else:
        return None
    return found if 1 <= found.month <= MONTHS and found.day >= 1 else None


def _in_digits(text: str, words: Mapping[str, int]) -> int:
    """A number that stands there in digits or as the lunar calendar calls it; 0 for what it does not know."""
    return int(text) if text.isdecimal() else words.get(text, 0)


def consent_instant(
    state: str, *, given: datetime | None, known: tuple[str, datetime | None] | None, now: datetime
) -> datetime | None:
    """Since when a consent state holds: the day that was given, else the known one while the state stays, else now.

    `known` is the state and instant so far, None for a new point. `given` on the known day says nothing new.
    Raises: RuleViolation("point.consent_future" | "point.consent_past").
    """
    if state == ConsentState.UNKNOWN:
        return None
    if given is not None and given > now:
        raise RuleViolation("point.consent_future", "Consent cannot date from the future.", field="consent_at")
    if given is not None and given.year < FIRST_CONSENT_YEAR:
        raise RuleViolation("point.consent_past", "Consent cannot be older than 1950.", field="consent_at")
    state_before, instant_before = known or ("", None)
    is_same_day = given is not None and instant_before is not None and _day(given, now) == _day(instant_before, now)
    if given is None or is_same_day:
        return instant_before if instant_before is not None and state == state_before else now
    return given


def _day(instant: datetime, now: datetime) -> date:
    """The calendar day of an instant in the zone of `now`."""
    return instant.astimezone(now.tzinfo).date()


def next_occurrence(month: int, day: int, *, is_lunar: bool, on: date) -> date:
    """The next calendar day, `on` included, on which a yearly date falls.

    A 29 February falls on 28 February in other years; the 30th of a lunar month that has 29 days falls on its last
    day; a lunar date is kept in the regular month, not in a leap month. Raises: ValueError for an impossible date.
    """
    if is_lunar:
        return _next_lunar(month, day, on=on)
    for year in (on.year, on.year + 1):
        found = _solar_day(year, month, day)
        if found >= on:
            return found
    raise ValueError(f"{month}-{day} is no date.")


def _solar_day(year: int, month: int, day: int) -> date:
    if (month, day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)


def _next_lunar(month: int, day: int, *, on: date) -> date:
    for year in (on.year - 1, on.year, on.year + 1):
        found = _solar_of_lunar(year, month, day)
        if found >= on:
            return found
    raise ValueError(f"Lunar {month}-{day} is no date.")


def _solar_of_lunar(year: int, month: int, day: int) -> date:
    first, length = _lunar_months(year)[month]
    return first + timedelta(days=min(day, length) - 1)


@lru_cache(maxsize=64)
def _lunar_months(year: int) -> dict[int, tuple[date, int]]:
    """The first day and the length in days of each regular month of a lunar year, by month.

    The almanac works a whole year out for every day that it is asked about, 10 ms each; here it is asked once a year.
    """
    months = LunarYear.fromYear(year).getMonthsInYear()
    return {month.getMonth(): (_first_day(month), month.getDayCount()) for month in months if not month.isLeap()}


def _first_day(month: LunarMonth) -> date:
    solar = Solar.fromJulianDay(month.getFirstJulianDay())
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=64)
def lunar_words(on: date) -> str:
    """A day in the lunar calendar, in Chinese: 十月十六."""
    lunar = Solar.fromYmd(on.year, on.month, on.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"


@lru_cache(maxsize=512)
def lunar_date_words(month: int, day: int) -> str:
    """A yearly lunar date in Chinese: 十月十八."""
    lunar = Lunar.fromYmd(LEAP_FREE_YEAR, month, min(day, LunarMonth.fromYm(LEAP_FREE_YEAR, month).getDayCount()))
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"


def require_fitting(joins: str, *, one_is_person: bool, other_is_person: bool) -> None:
    """A type of relationship lies between those whom it can join. Raises: RuleViolation("relationship.joins")."""
    people = int(one_is_person) + int(other_is_person)
    wanted = {Joins.ORGANISATIONS.value: 0, Joins.MIXED.value: 1, Joins.PEOPLE.value: 2}
    if wanted.get(joins, people) != people:
        raise RuleViolation(
            "relationship.joins",
            "This kind of relationship lies between: %(joins)s.",
            joins=Joins(joins).label,
            field="relation",
        )


@dataclass(frozen=True, slots=True)
class Strategy:
    """How we keep up contact with the customers of a class; days are None where it says nothing of an interval."""

    scheme_id: int
    class_key: str
    ideal_days: int | None
    maximum_days: int | None
    channels: tuple[str, ...]
    contacted_by: str
    tone: str
    offer: str


def strategy_in_force(strategies: Iterable[Strategy]) -> Strategy | None:
    """Of the strategies of a customer's classes the one that holds: that which asks for contact most often.

    Those that say nothing of an interval come last; of equal ones that of the older scheme holds.
    """
    return min(strategies, key=_strategy_rank, default=None)


def _strategy_rank(strategy: Strategy) -> tuple[bool, int, int, str]:
    return (strategy.ideal_days is None, strategy.ideal_days or 0, strategy.scheme_id, strategy.class_key)
