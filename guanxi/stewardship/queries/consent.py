"""Reads of what customers agreed to."""

from dataclasses import dataclass
from datetime import datetime

from guanxi.customers.choices import ConsentState
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.stewardship.models import ConsentRecord

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One consent in words; `holds` is true of the latest of its person, purpose and channel.

    `notice` is the number of the edition of the privacy notice on which it rests, None for none.
    """

    who: str
    purpose: str
    channel: str
    is_given: bool
    at: datetime
    way: str
    wording: str
    evidence: str
    notice: int | None
    by_id: int | None
    holds: bool


def consents_of(account_id: int, actor: Actor) -> tuple[ConsentLine, ...]:
    """What an account and its people agreed to and took back, the latest first; one query."""
    rows = grant(actor, ConsentRecord).queryset().filter(account=account_id).order_by("-at", "-pk")
    seen: set[tuple[int | None, str, str]] = set()
    lines = []
    columns = (
        "contact_id",
        "contact__name",
        "purpose",
        "channel",
        "state",
        "at",
        "way",
        "wording",
        "evidence",
        "notice__number",
        "by_id",
    )
    for contact_id, name, purpose, channel, state, at, way, wording, evidence, notice, by_id in rows.values_list(
        *columns
    )[:MOST_SHOWN]:
        row = ConsentRecord(purpose=purpose, channel=channel, way=way)
        key = (contact_id, purpose, channel)
        lines.append(
            ConsentLine(
                who=name or "",
                purpose=row.get_purpose_display(),
                channel=row.get_channel_display(),
                is_given=state == ConsentState.GIVEN,
                at=at,
                way=row.get_way_display(),
                wording=wording,
                evidence=evidence,
                notice=notice,
                by_id=by_id,
                holds=key not in seen,
            )
        )
        seen.add(key)
    return tuple(lines)
