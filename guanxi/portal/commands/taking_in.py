"""Making a customer of what came in by a form, or finding the one that is there.

Steps, in one transaction: 1 lock the submission, 2 find who has the number or the address, 3 fill what his record lacks
and note what differs, or make a customer with an owner, 4 the ledger's fact, 5 the consents, 6 where the customer came
from, 7 tell the owner. Nothing that a record holds is written over.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from guanxi.customers.facade import (
    account_grant,
    add_point,
    contact_grant,
    create_account,
    create_contact,
    edit_account,
    edit_contact,
    normalised_point,
    point_grant,
    split_name,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.facade import NewFact, capture_fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.events.commands import publish
from guanxi.platform.records.events import RecordHeard
from guanxi.platform.records.values import PATH
from guanxi.portal.choices import OwnerWay, SubmissionState
from guanxi.portal.commands.confirming import Click, agreed_pairs, ask_to_confirm, note_consents
from guanxi.portal.models import Origin, Submission, SubmissionFile
from guanxi.portal.queries.matching import Match, match_of
from guanxi.portal.queries.offered import is_same, made_definitions, made_value
from guanxi.portal.queries.owners import next_owner
from guanxi.portal.queries.submissions import HELD_REASON
from guanxi.portal.rules.addresses import ORIGIN_KEYS
from guanxi.portal.rules.fields import OFFERED, SEVERAL, OfferedField
from guanxi.portal.rules.matching import Conflicting, consent_of_point, differing
from guanxi.stewardship.facade import add_to_pool, put_on_desk

SOURCE = "web_form"
REASON = "portal: where customers came from is kept for all customers"


@dataclass(slots=True)
class _Taking:
    """The work on one submission: what was answered, and what became of it so far."""

    submission: Submission
    answers: Mapping[str, str]
    actor: Actor
    asked: Mapping[str, OfferedField]
    account_id: int = 0
    contact_id: int | None = None
    is_new: bool = False
    owner_id: int | None = None
    conflicts: tuple[Conflicting, ...] = ()


@transaction.atomic
def take_in(submission_id: int, *, actor: Actor) -> None:
    """Take in what came by a form; doing it again changes nothing."""
    rows = unscoped(Submission, reason=HELD_REASON).select_for_update(of=("self",))
    submission = rows.select_related("form", "edition").filter(pk=submission_id).first()
    if submission is None or submission.state != SubmissionState.RECEIVED:
        return
    asked = {item.key: item.offered for item in submission.edition.asked}
    answers = {key: value for key, value in submission.answers.items() if key in asked and value}
    taking = _Taking(submission, answers, actor, asked)
    match = match_of(_reaching(answers), name=answers.get("name", ""))
    if match is None:
        _make_customer(taking)
    else:
        _complete_customer(taking, match)
    _note_fact(taking)
    _note_consents(taking)
    _note_origin(taking)
    _claim_files(taking)
    _finish(taking)


def _reaching(answers: Mapping[str, str]) -> dict[str, str]:
    """The numbers and addresses in the form in which they are compared, by type."""
    found: dict[str, str] = {}
    for key, text in answers.items():
        if key in OFFERED and OFFERED[key].target == "point":
            try:
                found[key] = normalised_point(key, text)
            except RuleViolation:
                continue  # it was checked when it came; what is no number any more reaches nobody
    return found


def _own_values(taking: _Taking, target: str) -> dict[str, str]:
    """The answers that go into an object's own fields, by column."""
    fields = {key: taking.asked[key] for key in taking.answers}
    return {
        item.column: taking.answers[key] for key, item in fields.items() if item.target == target and not item.is_made
    }


def _made_values(taking: _Taking, target: str) -> dict[str, object]:
    """The answers that go into fields that people made, by column, as these now take them; others stay as they came."""
    known, found = made_definitions(target), {}
    for key, text in taking.answers.items():
        item = known.get(taking.asked[key].column) if taking.asked[key].is_made else None
        if item is not None and taking.asked[key].target == target:
            value = made_value(item, text)
            found.update({item.column: value} if value is not None else {})
    return found


def _complete_made(taking: _Taking, target: str, custom: Mapping[str, object]) -> dict[str, object]:
    """Of answers to fields that people made, those that a record lacks; those that differ are noted beside."""
    known, missing = made_definitions(target), dict[str, object]()
    for column, value in _made_values(taking, target).items():
        stored = column.removeprefix(PATH)
        held = custom.get(stored)
        if held in (None, "", []):
            missing[column] = value
        elif not is_same(known[column], held, value):
            text = SEVERAL.join(map(str, held)) if isinstance(held, list) else str(held)
            taking.conflicts += (Conflicting(column, text),)
    return missing


def _account_values(taking: _Taking) -> dict[str, str]:
    return _own_values(taking, "account")


def _contact_values(taking: _Taking) -> dict[str, str]:
    values = _own_values(taking, "contact")
    family, given = split_name(values.pop("name", ""))
    return values | {"family_name": family[:60], "given_name": given[:60]}


def _make_customer(taking: _Taking) -> None:
    """A new customer, who is put on the steward's desk where others look like it."""
    form, company = taking.submission.form, taking.answers.get("company", "")
    name = company or taking.answers.get("name", "")
    is_organisation = bool(company) and company != taking.answers.get("name")
    owner = next_owner(form)
    values: dict[str, object] = (
        dict(_account_values(taking))
        | _made_values(taking, "account")
        | {
            "kind": "organisation" if is_organisation else "person",
            "name": name,
            "source": form.source or taking.submission.edition.title_zh[:60],
            "owner_id": owner.user_id,
            "unit_id": owner.unit_id,
        }
    )
    account = create_account(values, actor=taking.actor)
    taking.account_id, taking.owner_id, taking.is_new = account.pk, owner.user_id, True
    if is_organisation:
        contact = create_contact(
            {
                "account_id": account.pk,
                "is_main": True,
                **_contact_values(taking),
                **_made_values(taking, "contact"),
            },
            actor=taking.actor,
        )
        taking.contact_id = contact.pk
    _add_points(taking, known={})
    if form.owner_way == OwnerWay.POOL and form.pool_id is not None:
        note = f"{taking.submission.edition.title_zh} #{taking.submission.pk}"
        add_to_pool(account.pk, pool_id=form.pool_id, note=note, actor=taking.actor)
    typed = {name: str(values.get(name, "")) for name in ("name", "kind", "city", "address", "website")}
    put_on_desk(account.pk, typed, actor=taking.actor)


def _complete_customer(taking: _Taking, match: Match) -> None:
    """Fill what the record of a known customer lacks; what differs is noted beside, not written."""
    taking.account_id, taking.contact_id = match.account_id, match.contact_id
    account = account_grant(taking.actor).get(match.account_id)
    taking.owner_id = account.owner_id
    wanted = _account_values(taking)
    if account.kind == "person":
        wanted["name"] = taking.answers.get("name", "")
    missing, conflicts = differing(wanted, {name: str(getattr(account, name) or "") for name in wanted})
    taking.conflicts += conflicts
    changed = missing | _complete_made(taking, "account", account.custom)
    if changed:
        edit_account(account.pk, changed, actor=taking.actor)
    if account.kind == "organisation":
        _complete_contact(taking)
    rows = (
        point_grant(taking.actor)
        .queryset()
        .filter(account=taking.account_id, contact=taking.contact_id, trashed_at__isnull=True)
    )
    _add_points(taking, known=dict(rows.order_by("-pk").values_list("type", "normalised")))


def _complete_contact(taking: _Taking) -> None:
    """The contact who was found, completed; or, where only the firm was found, a new one."""
    wanted = _contact_values(taking)
    if taking.contact_id is None:
        values = {"account_id": taking.account_id, **wanted, **_made_values(taking, "contact")}
        taking.contact_id = create_contact(values, actor=taking.actor).pk
        return
    contact = contact_grant(taking.actor).get(taking.contact_id)
    name = taking.answers.get("name", "")
    further = {key: value for key, value in wanted.items() if key not in ("family_name", "given_name")}
    held = {key: str(getattr(contact, key) or "") for key in further}
    missing, conflicts = differing(further | {"name": name}, held | {"name": contact.name})
    taking.conflicts += conflicts
    changed = missing | _complete_made(taking, "contact", contact.custom)
    if changed:
        edit_contact(contact.pk, changed, actor=taking.actor)


def _add_points(taking: _Taking, *, known: Mapping[str, str]) -> None:
    """Add ways to reach the person of kinds that he has none of; another number of a kind is noted beside."""
    agreed = _agreed(taking)
    for kind, normalised in _reaching(taking.answers).items():
        if known.get(kind, normalised) != normalised:
            taking.conflicts += (Conflicting(kind, known[kind]),)
        elif kind not in known:
            values = {
                "contact_id": taking.contact_id,
                "type": kind,
                "value": taking.answers[kind],
                "consent": consent_of_point(kind, agreed),
            }
            add_point(taking.account_id, values, actor=taking.actor)


def _agreed(taking: _Taking) -> list[tuple[str, str]]:
    """Purpose and channel of what counts already: nothing, where the visitor is asked by mail first."""
    return [] if taking.submission.form.is_confirmed else agreed_pairs(taking.submission)


def _note_fact(taking: _Taking) -> None:
    submission = taking.submission
    payload = {
        "subject": submission.edition.title_zh,
        "note": taking.answers.get("message", ""),
        "direction": "incoming",
        "campaign": str(submission.origin.get("utm_campaign", ""))[:80],
        "page": submission.page,
        "message_id": f"submission-{submission.pk}",
    }
    fact = NewFact(
        "interaction",
        "message_received",
        submission.received_at,
        channel="web_form",
        contact_id=taking.contact_id,
        payload={name: value for name, value in payload.items() if value},
    )
    capture_fact(
        taking.account_id, fact=fact, source=SOURCE, source_id=f"submission-{submission.pk}", actor=taking.actor
    )


def _note_consents(taking: _Taking) -> None:
    """What was ticked counts from the moment of sending, or once the visitor has opened the link in a mail."""
    submission = taking.submission
    if submission.form.is_confirmed:
        if submission.ticked:
            ask_to_confirm(submission)
        return
    submission.account_id, submission.contact_id = taking.account_id, taking.contact_id
    note_consents(submission, Click(submission.address, submission.browser), actor=taking.actor)


def _claim_files(taking: _Taking) -> None:
    """What was sent along leaves the quarantine and belongs to the customer."""
    rows = unscoped(SubmissionFile, reason=HELD_REASON).filter(submission=taking.submission.pk)
    rows.update(account=taking.account_id)


def _note_origin(taking: _Taking) -> None:
    """Where a customer came from first stays as it is."""
    submission = taking.submission
    words = {key: str(submission.origin.get(key, ""))[:100] for key in ORIGIN_KEYS}
    if taking.is_new or any(words.values()):
        origin = Origin(
            account_id=taking.account_id, form=submission.form, at=submission.received_at, page=submission.page, **words
        )
        unscoped(Origin, reason=REASON).bulk_create([origin], ignore_conflicts=True)


def _finish(taking: _Taking) -> None:
    rows = unscoped(Submission, reason=HELD_REASON).filter(pk=taking.submission.pk)
    rows.update(
        state=SubmissionState.TAKEN,
        account=taking.account_id,
        contact=taking.contact_id,
        is_new=taking.is_new,
        assigned_to=taking.owner_id if taking.is_new else None,
        conflicts=[[item.key, item.held] for item in taking.conflicts],
    )
    if taking.owner_id is not None:
        publish(RecordHeard(object_key="account", record_id=taking.account_id, owner_id=taking.owner_id))
