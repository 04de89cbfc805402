"""The generated half: firms with their people, orders, surveys, events, suggestions and referrals, and all contacts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow
from pyarrow import parquet

SYSTEM = "erp"
DAYS = 730
FIRMS = 420
GIFTS = (("年历", 28.0), ("保温杯", 96.0), ("茶叶", 168.0), ("雨伞", 58.0))
SALES_TIME = ZoneInfo("Asia/Shanghai")
CATALOG = (
    (
        "instruments",
        "测量仪器",
        (
            ("I-100", "标准量块组", 3200.0),
            ("I-200", "数显卡尺", 860.0),
            ("I-300", "三坐标探头", 18600.0),
            ("I-400", "硬度计", 12400.0),
        ),
    ),
    (
        "consumables",
        "耗材",
        (
            ("C-100", "过滤膜", 420.0),
            ("C-200", "清洁液", 180.0),
            ("C-300", "泵油", 260.0),
            ("C-400", "夹具垫片", 95.0),
        ),
    ),
    (
        "spares",
        "备件",
        (("S-100", "备用探头", 2600.0), ("S-200", "密封圈组", 240.0), ("S-300", "传感器模块", 1900.0)),
    ),
    (
        "services",
        "校准服务",
        (("V-100", "年度校准", 5200.0), ("V-200", "现场维保", 3800.0), ("V-300", "操作培训", 2400.0)),
    ),
)
ENGLISH = {
    "instruments": "Measuring instruments",
    "consumables": "Consumables",
    "spares": "Spare parts",
    "services": "Calibration services",
    "I-100": "Gauge block set",
    "I-200": "Digital caliper",
    "I-300": "CMM probe",
    "I-400": "Hardness tester",
    "C-100": "Filter membrane",
    "C-200": "Cleaning fluid",
    "C-300": "Pump oil",
    "C-400": "Fixture shim",
    "S-100": "Spare probe",
    "S-200": "Seal ring set",
    "S-300": "Sensor module",
    "V-100": "Annual calibration",
    "V-200": "On-site maintenance",
    "V-300": "Operator training",
}
"""The English names of categories and products, by key and code."""
MARGINS = {"instruments": 0.29, "consumables": 0.38, "spares": 0.41, "services": 0.44}
EVENTS = ("用户日", "新品发布会", "精密制造论坛", "校准技术沙龙")
SURVEYS = ("季度服务满意度", "交付满意度", "新品意向调查")
NOTES = (
    "二期产线年底招标，对交期最敏感；希望校准能上门。",
    "新任采购下月到岗，想看一遍全年用量。",
    "对上次交付满意，问起备件的现货情况。",
    "预算要到下季度，约好月初再谈。",
    "希望耗材有小包装，现场已经记下。",
    "设备运行正常，提醒了年度校准的时间。",
    "",
    "",
)
SUGGESTIONS = ("耗材小包装", "校准证书电子版", "探头快换接口", "配送时间可选")
RowDict = dict[str, object]


@dataclass(frozen=True, slots=True)
class FirmTraits:
    """What makes one invented firm buy and answer as it does.

    `gap_days` between orders, `size` scales amounts, `loyalty` is the share of chances taken, `drift` < 1 buys less
    and less, `last_day` is when it stopped (0 = still buys).
    """

    key: str
    gap_days: float
    size: float
    loyalty: float
    drift: float
    last_day: int
    categories: tuple[int, ...]


def firm_traits(random: Random, *, key: str) -> FirmTraits:
    """One firm's traits."""
    stopped = random.random() < 0.12
    return FirmTraits(
        key=key,
        gap_days=random.lognormvariate(3.4, 0.5),
        size=random.lognormvariate(0.2, 0.9),
        loyalty=random.betavariate(3, 2.5),
        drift=random.choice((0.6, 0.85, 1.0, 1.0, 1.0, 1.15, 1.4)),
        last_day=random.randint(40, 300) if stopped else 0,
        categories=tuple(sorted(random.sample(range(len(CATALOG)), random.randint(1, len(CATALOG))))),
    )


def firm_facts(random: Random, traits: FirmTraits, *, today: date) -> Iterator[RowDict]:
    """Everything that happened with one firm in two years."""
    number = 0

    def row(kind: str, sub_kind: str, days_ago: int, **values: object) -> RowDict:
        nonlocal number
        number += 1
        return _row(traits.key, number, kind, sub_kind, _moment(random, today, days_ago)) | values

    day = DAYS - random.randint(0, 60)
    while day > traits.last_day:
        for _ in range(random.randint(1, 3)):
            yield row(
                "purchase",
                "buy",
                day,
                channel="sales",
                **_order_line(random, traits, progress=1 - day / DAYS),
            )
        if random.random() < 0.02:
            yield row("purchase", "return", max(day - 5, 1), **_order_line(random, traits, progress=0.0))
        day -= max(3, int(random.lognormvariate(0, 0.45) * traits.gap_days / max(traits.drift, 0.3)))
    yield from _chances(random, traits, row)


def _order_line(random: Random, traits: FirmTraits, *, progress: float) -> RowDict:
    key, _, products = CATALOG[random.choice(traits.categories)]
    code, _, price = random.choice(products)
    quantity = max(1, round(random.lognormvariate(0.7, 0.6) * traits.size))
    amount = round(price * quantity * (1 + (traits.drift - 1) * progress * 0.5), 2)
    return {
        "product": code,
        "quantity": float(quantity),
        "amount": amount,
        "cost": round(amount * (1 - MARGINS[key]), 2),
        "payment_method": random.choice(("bank_transfer", "acceptance_bill")),
    }


def _chances(random: Random, traits: FirmTraits, make: Callable[..., RowDict]) -> Iterator[RowDict]:
    """Invitations, surveys, suggestions, referrals: the chance first, then what the firm made of it."""
    yield from _events(random, traits, make)
    yield from _surveys(random, traits, make)
    if random.random() < 0.5:
        yield from _suggestions(random, traits, make)
    if random.random() < 0.35:
        yield from _referral(random, traits, make)
    if random.random() < 0.15:
        yield make("advocacy", "asked", 90)
        if random.random() < traits.loyalty:
            yield make("advocacy", "mention", random.randint(5, 80), medium="公众号", reach=random.randint(50, 5000))


def _events(random: Random, traits: FirmTraits, make: Callable[..., RowDict]) -> Iterator[RowDict]:
    for place, days_ago in enumerate(range(660, 10, -90)):
        event = f"{EVENTS[place % len(EVENTS)]} {place + 1}"
        yield make("participation", "invited", days_ago + 14, event=event)
        if random.random() < traits.loyalty * 0.7:
            yield make("participation", "attended", days_ago, event=event)


def _surveys(random: Random, traits: FirmTraits, make: Callable[..., RowDict]) -> Iterator[RowDict]:
    for place, days_ago in enumerate(range(700, 10, -80)):
        survey = SURVEYS[place % len(SURVEYS)]
        yield make("survey", "asked", days_ago, survey=survey)
        if random.random() < traits.loyalty:
            answer = {
                "completeness": round(random.uniform(0.6, 1), 2),
                "consistency": round(random.uniform(0.7, 1), 2),
                "rating": float(random.randint(5, 10)),
            }
            yield make("survey", "answered", max(days_ago - random.randint(1, 6), 1), survey=survey, **answer)


def _suggestions(random: Random, traits: FirmTraits, make: Callable[..., RowDict]) -> Iterator[RowDict]:
    for days_ago in sorted(random.sample(range(20, 700), random.randint(1, 4)), reverse=True):
        yield make("suggestion", "asked", days_ago + 5)
        if random.random() < traits.loyalty:
            topic = random.choice(SUGGESTIONS)
            yield make("suggestion", "made", days_ago, topic=topic)
            if random.random() < 0.4:
                yield make("suggestion", "adopted", max(days_ago - 12, 1), topic=topic)


def _referral(random: Random, traits: FirmTraits, make: Callable[..., RowDict]) -> Iterator[RowDict]:
    days_ago = random.randint(20, 500)
    yield make("referral", "asked", days_ago + 10)
    if random.random() < traits.loyalty:
        yield make("referral", "made", days_ago)
        if random.random() < 0.5:
            yield make("referral", "converted", max(days_ago - 15, 1), value=20000.0)


def contact_facts(
    random: Random, *, key: str, owner_id: int, gap_days: float, today: date, system: str
) -> Iterator[RowDict]:
    """Calls, visits and messages of a customer's account manager, at an uneven rhythm; some are late now."""
    number, day = 0, DAYS - random.randint(0, 90)
    last = random.choice((3, 8, 15, 22, 31, 45, 70))
    while day >= last:
        number += 1
        sub_kind = random.choices(
            ("call", "message_sent", "visit", "mail_sent", "message_received", "gift_given"),
            (40, 25, 10, 10, 12, 3),
        )[0]
        row = _row(f"{system}.{key}", number, "interaction", sub_kind, _moment(random, today, day))
        row |= {
            "account_system": system,
            "account_key": key,
            "user_id": owner_id,
            "note": random.choice(NOTES),
        }
        row["channel"] = {"call": "phone", "visit": "visit", "mail_sent": "mail"}.get(sub_kind, "wecom")
        if sub_kind == "call":
            row["duration_minutes"] = float(random.randint(2, 18))
        if sub_kind == "gift_given":
            row["gift"], row["amount"] = GIFTS[number % len(GIFTS)]
        yield row
        day -= max(2, int(random.lognormvariate(0, 0.4) * gap_days))


def write_rows(rows: Iterator[RowDict], *, target: Path) -> Path:
    """Write rows with different keys as one Parquet file."""
    collected = sorted(rows, key=lambda row: (str(row["occurred_at"]), str(row["source_id"])))
    names = sorted({name for row in collected for name in row})
    columns = {name: pyarrow.array([row.get(name) for row in collected]) for name in names}
    parquet.write_table(pyarrow.table(columns), target)
    return target


def _row(key: str, number: int, kind: str, sub_kind: str, moment: datetime) -> RowDict:
    return {
        "source_id": f"{kind[:3]}-{key}-{number}",
        "account_system": SYSTEM,
        "account_key": key,
        "kind": kind,
        "sub_kind": sub_kind,
        "occurred_at": moment,
    }


def _moment(random: Random, today: date, days_ago: int) -> datetime:
    clock = time(random.randint(9, 17), random.randint(0, 59))
    return datetime.combine(today - timedelta(days=max(days_ago, 1)), clock, tzinfo=SALES_TIME)
