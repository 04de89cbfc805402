"""What a person answers in a round: saved half-way, handed in, changed until the round closes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.choices import AskedAs, NeedValue, Way
from guanxi.planning.models import NeedsAnswer, NeedsSheet
from guanxi.planning.queries.needs import OwnSheet, asked_about, own_sheet
from guanxi.planning.rules import require_round_open
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.audit.commands import begin_entry

MOST_WISHES, LONGEST_WISH = 10, 200
LONGEST_DECISION, MOST_DAYS = 120, 3650
OF_WAYS: Mapping[str, tuple[str, ...]] = {
    AskedAs.USER: ("need", "decision", "fresh_days"),
    AskedAs.COLLECTOR: ("way", "is_never_used"),
    AskedAs.KEEPER: ("kept_days",),
}
"""What is asked in each of the three ways."""
ANSWERED = tuple(name for names in OF_WAYS.values() for name in names)


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What a person says of an item about a party; "" and None for what is not said."""

    item_id: int
    party: str
    need: str = ""
    decision: str = ""
    fresh_days: int | None = None
    way: str = ""
    is_never_used: bool = False
    kept_days: int | None = None


@transaction.atomic
def save_sheet(
    sheet_id: int,
    *,
    answers: Sequence[ItemAnswer],
    wishes: Sequence[str],
    version: int | None,
    hand_in: bool,
    today: date,
    actor: Actor,
) -> NeedsSheet:
    """Save some answers of the own sheet, the others stay; with `hand_in` they count from now on.

    Raises: NotFound, Conflict("round.closed" | "record.changed"), RuleViolation("sheet.empty" | "sheet.item" |
    "sheet.value" | "sheet.wishes").
    """
    NeedsSheet.objects.select_for_update().filter(pk=sheet_id, user_id=own_id(actor)).first()
    own = own_sheet(sheet_id, actor, today=today)
    require_round_open(own.is_open)
    sheet = own.sheet
    if version is not None and version != sheet.version:
        raise Conflict("record.changed", "Somebody changed this record while you edited.", version=sheet.version)
    kept = [text.strip() for text in wishes if text.strip()]
    if len(kept) > MOST_WISHES or any(len(text) > LONGEST_WISH for text in kept):
        raise RuleViolation(
            "sheet.wishes",
            "Write at most %(most)s wishes, one a line, each of at most %(longest)s characters.",
            most=MOST_WISHES,
            longest=LONGEST_WISH,
            field="wishes",
        )
    _require_known(answers, own)
    _write_answers(sheet, answers)
    begin_entry(
        actor,
        action="hand_in" if hand_in else "answer",
        object_key="needs_round",
        record_id=own.round.pk,
        record_count=len(answers),
    )
    if hand_in and not kept and not NeedsAnswer.objects.filter(sheet_id=sheet_id).exists():
        raise RuleViolation("sheet.empty", "Answer for at least one item, or write what is missing.")
    now = timezone.now()
    sheet.wishes, sheet.saved_at, sheet.version = kept, now, sheet.version + 1
    sheet.handed_in_at = sheet.handed_in_at or (now if hand_in else None)
    NeedsSheet.objects.filter(pk=sheet_id).update(
        wishes=kept, saved_at=now, version=sheet.version, handed_in_at=sheet.handed_in_at
    )
    caches["process"].delete(f"planning.needs.{actor.user_id}")
    return sheet


def _require_known(answers: Iterable[ItemAnswer], own: OwnSheet) -> None:
    items = {item.pk for item in asked_about(own.plan.pk)}
    for answer in answers:
        if answer.item_id not in items or answer.party not in own.round.parties:
            raise RuleViolation("sheet.item", "The round does not ask about this.")
        days = [count for count in (answer.fresh_days, answer.kept_days) if count is not None]
        is_known = (
            answer.need in ("", *NeedValue.values)
            and answer.way in ("", *Way.values)
            and len(answer.decision) <= LONGEST_DECISION
            and all(1 <= count <= MOST_DAYS for count in days)
        )
        if not is_known:
            raise RuleViolation("sheet.value", "Some answers need another look.")


def _write_answers(sheet: NeedsSheet, answers: Sequence[ItemAnswer]) -> None:
    """Write the answers in the place of those about the same items and parties; what says nothing is left out."""
    asked = {name for way in sheet.asked_as for name in OF_WAYS[way]}
    known = {(row.item_id, row.party): row.pk for row in NeedsAnswer.objects.filter(sheet_id=sheet.pk)}
    gone = [known[answer.item_id, answer.party] for answer in answers if (answer.item_id, answer.party) in known]
    NeedsAnswer.objects.filter(pk__in=gone).delete()
    NeedsAnswer.objects.bulk_create(
        NeedsAnswer(sheet_id=sheet.pk, item_id=answer.item_id, party=answer.party, **said)
        for answer in answers
        if (said := {name: value for name in ANSWERED if name in asked and (value := getattr(answer, name))})
    )
