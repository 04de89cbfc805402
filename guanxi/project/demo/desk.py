"""The steward's desk of the demo company: sources that disagree, ways that bounced, and quality over twelve weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from guanxi.customers.choices import PointType
from guanxi.customers.commands import add_contact_point, mark_point_wrong
from guanxi.customers.facade import normalised_point
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor, Surface
from guanxi.ledger.commands import ingest_rows
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.records.bulk import history_table
from guanxi.platform.records.change import change
from guanxi.platform.records.models import Record
from guanxi.stewardship.commands import count_quality, find_conflicts, note_undelivered
from guanxi.stewardship.models import QualityDay

REASON = "demo: the demo company is made by the system"
WEEKS = 12
ERP, LIST = "用友 U9 ERP", "展会名录 2026-11.xlsx"


@dataclass(frozen=True, slots=True)
class Quarrel:
    """A field that somebody typed and a program wrote over: the two values, which program, how many days ago each."""

    field: str
    typed: str
    written: str
    program: str
    days: tuple[int, int]


QUARRELS = (
    Quarrel("city", "苏州", "昆山", ERP, (34, 2)),
    Quarrel("website", "https://www.lanchuan.example", "http://lanchuan.example.cn", LIST, (21, 5)),
    Quarrel("industry", "精密仪器", "仪器仪表制造业", ERP, (60, 1)),
    Quarrel("address", "金鸡湖大道 88 号 C 座 1201", "金鸡湖大道 88 号", ERP, (18, 6)),
    Quarrel("size", "100–499 人", "50–99 人", LIST, (40, 9)),
    Quarrel("city", "杭州", "绍兴", LIST, (26, 5)),
    Quarrel("short_name", "锦穗物流", "锦穗集团物流公司", ERP, (75, 3)),
)
MAILED = ("caigou", "li.wei", "info")
"""The mail boxes that firms are given, so that something can come back from them."""
BOUNCED = (
    (PointType.MAIL, "mail", "mail-gateway", "550 5.1.1 User unknown", 1),
    (PointType.MAIL, "mail", "mail-gateway", "550 5.1.1 User unknown", 3),
    (PointType.MAIL, "mail", "mail-gateway", "554 Domain not found", 8),
    (PointType.MOBILE, "sms", "sms-gateway", "空号", 4),
    (PointType.MOBILE, "sms", "sms-gateway", "空号", 12),
    (PointType.MOBILE, "sms", "sms-gateway", "停机", 19),
)
"""What came back: the kind of way, the channel, who says so, why, how many days ago."""


def fill_desk(accounts: Sequence[Account], *, today: date, actor: Actor) -> None:
    """Let sources disagree and messages bounce, look for both, and remember the quality of the weeks before."""
    firms = [account for account in accounts if account.kind == "organisation" and account.owner_id][5::17]
    for account, quarrel in zip(firms, QUARRELS, strict=False):
        _quarrel(account, quarrel)
    quarrelling = [*firms[: len(QUARRELS)], *_quarrel_about_people(firms[len(QUARRELS) + len(MAILED) :])]
    find_conflicts(account.pk for account in quarrelling)
    for place, (account, box) in enumerate(zip(firms[len(QUARRELS) :], MAILED, strict=False)):
        mail = ContactPoint(account=account, type=PointType.MAIL, value=f"{box}@firm{place + 1}.example")
        add_contact_point(mail, actor=actor)
    _bounce(today, actor=actor)
    count_quality(today, actor=actor)
    _remember(today)


def _quarrel_about_people(firms: Sequence[Account]) -> list[Account]:
    """A program writes the former job title of one contact, and the former number of another. Returns the customers."""
    found = []
    contacts = unscoped(Contact, reason=REASON).filter(trashed_at__isnull=True, account__in=firms).order_by("pk")
    if (contact := contacts.exclude(title="").first()) is not None:
        _quarrel(contact.account, Quarrel("title", "采购总监", contact.title, ERP, (45, 2)), record=contact)
        found.append(contact.account)
    points = unscoped(ContactPoint, reason=REASON).filter(
        trashed_at__isnull=True, wrong_since__isnull=True, type=PointType.MOBILE, contact__isnull=False
    )
    named = points.filter(account__in=firms).exclude(account__in=found).order_by("pk")
    if (point := named.first()) is not None:
        typed = f"{point.value[:-2]}{(int(point.value[-2:]) + 17) % 100:02}"
        _quarrel(point.account, Quarrel("value", typed, point.value, ERP, (30, 4)), record=point)
        found.append(point.account)
    return found


def _quarrel(account: Account, quarrel: Quarrel, *, record: Record | None = None) -> None:
    """Somebody typed a value, then a program wrote another one; both as long ago as the story says."""
    owner, about = actor_by_user_id(account.owner_id or 0, surface=Surface.WEB), record or account
    program = system_actor(quarrel.program, surface=Surface.JOB if quarrel.program == LIST else Surface.API)
    _let_write(about, quarrel.field, quarrel.typed, actor=owner, action="edit", days=quarrel.days[0])
    action = "import" if quarrel.program == LIST else "edit"
    _let_write(about, quarrel.field, quarrel.written, actor=program, action=action, days=quarrel.days[1])


def _let_write(record: Record, field: str, value: str, *, actor: Actor, action: str, days: int) -> None:
    key = protection_of(type(record)).key
    with change(type(record), record.pk, action=action, right=Action.EDIT, actor=actor) as work:
        setattr(work.record, field, value)
        if isinstance(work.record, ContactPoint):
            work.record.normalised = normalised_point(work.record.type, value)
    entry = AuditEntry.objects.filter(object_key=key, record_id=record.pk).order_by("-at").values_list("pk").first()
    if entry is not None:
        _let_be_past(type(record), entry[0], timezone.now() - timedelta(days=days))


def _let_be_past(model: type[Record], entry_id: UUID, at: datetime) -> None:
    AuditEntry.objects.filter(pk=entry_id).update(at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {history_table(model)} SET pgh_created_at = %s WHERE pgh_context_id = %s",  # noqa: S608  # our own table
            [at, entry_id],
        )


def _bounce(today: date, *, actor: Actor) -> None:
    """Gateways say what they could not deliver; a manager marks one number by hand."""
    rows = []
    points = unscoped(ContactPoint, reason=REASON).filter(trashed_at__isnull=True, account__trashed_at__isnull=True)
    for place, (kind, channel, source, reason, days) in enumerate(BOUNCED):
        skipped = place if kind == PointType.MAIL else 40 + 53 * place
        point = points.filter(type=kind).order_by("pk")[skipped:].first()
        if point is not None:
            unscoped(ContactPoint, reason=REASON).filter(pk=point.pk).update(right_since=None)
            at = datetime.combine(today - timedelta(days=days), time(9, 12), tzinfo=timezone.get_current_timezone())
            rows.append(
                {
                    "source_id": f"demo-bounce-{place}",
                    "source": source,
                    "kind": "interaction",
                    "sub_kind": "undelivered",
                    "occurred_at": at.isoformat(),
                    "account_id": point.account_id,
                    "channel": channel,
                    "address": point.value,
                    "reason": reason,
                }
            )
    for source in ("mail-gateway", "sms-gateway"):
        own = [{key: value for key, value in row.items() if key != "source"} for row in rows if row["source"] == source]
        ingest_rows(own, source=source, actor=actor)
    note_undelivered((), since=timezone.now() - timedelta(days=1))
    by_hand = points.filter(type=PointType.MOBILE, wrong_since__isnull=True, account__owner__isnull=False).order_by(
        "pk"
    )
    point = by_hand[7:].first()
    if point is not None:
        owner = actor_by_user_id(
            unscoped(Account, reason=REASON).values_list("owner_id", flat=True).get(pk=point.account_id)
        )
        mark_point_wrong(point.pk, source=owner.name, actor=owner)


def _remember(today: date) -> None:
    """The quality of the weeks before, a little lower each; the duplicates were found six weeks ago."""
    present = list(QualityDay.objects.filter(day=today))
    QualityDay.objects.bulk_create(
        QualityDay(
            day=today - timedelta(days=7 * week),
            unit_id=row.unit_id,
            owner_id=row.owner_id,
            measure=row.measure,
            affected=min(row.customers, round(row.affected * _former(row.measure, week))),
            customers=row.customers,
        )
        for row in present
        for week in range(1, WEEKS + 1)
    )


def _former(measure: str, week: int) -> float:
    """How much of a fault there was some weeks ago, against today."""
    if measure == "duplicates":
        return 1 + week / 3 if week < 6 else 0.5
    return 1 + week / (26 if measure == "gaps" else 18) + (week % 3) / 90
