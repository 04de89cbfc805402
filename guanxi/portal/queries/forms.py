"""Reads of forms: those of the house, the one at an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.preferences.locale import in_language
from guanxi.portal.choices import SubmissionState
from guanxi.portal.models import FormEdition, Submission, WebForm
from guanxi.portal.queries.submissions import HELD_REASON

OPEN = "portal: a form that is open is read by everybody"


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that is open to the public, with its latest edition."""

    form: WebForm
    edition: FormEdition


@dataclass(frozen=True, slots=True)
class FormRow:
    """One form in the list: its title, how much came in, how much waits in quarantine, when the last one came."""

    form: WebForm
    title: str
    edition: int
    count: int
    held: int
    last_at: datetime | None


def latest_edition(form_id: int) -> FormEdition | None:
    """The present words of a form; one query."""
    return FormEdition.objects.filter(form=form_id).order_by("-number").first()


def open_form(slug: str) -> OpenForm | None:
    """The open form at an address; None for one that is closed or does not exist. Two queries."""
    form = unscoped(WebForm, reason=OPEN).filter(slug=slug, is_open=True, trashed_at__isnull=True).first()
    edition = latest_edition(form.pk) if form is not None else None
    return OpenForm(form, edition) if form is not None and edition is not None else None


def form_rows(actor: Actor) -> tuple[FormRow, ...]:
    """The forms that the actor sees, the newest first; three queries. Counts tell nothing of who came."""
    forms = list(grant(actor, WebForm).queryset().filter(trashed_at__isnull=True).order_by("-pk"))
    ids = [form.pk for form in forms]
    editions = {item.form_id: item for item in FormEdition.objects.filter(form__in=ids).order_by("number")}
    held = Q(state=SubmissionState.HELD)
    rows = unscoped(Submission, reason=HELD_REASON).filter(form__in=ids).values("form").order_by()
    counts: Mapping[int, Mapping[str, object]] = {
        row["form"]: row
        for row in rows.annotate(
            count=Count("id", filter=Q(state__in=(SubmissionState.TAKEN, SubmissionState.RECEIVED))),
            held=Count("id", filter=held),
            last=Max("received_at", filter=~Q(state=SubmissionState.DISCARDED)),
        )
    }
    return tuple(_row(form, editions.get(form.pk), counts.get(form.pk, {})) for form in forms)


def _row(form: WebForm, edition: FormEdition | None, counts: Mapping[str, object]) -> FormRow:
    title = in_language(edition.title_zh, edition.title_en) if edition else form.slug
    last = counts.get("last")
    return FormRow(
        form,
        title,
        edition.number if edition else 0,
        int(str(counts.get("count", 0))),
        int(str(counts.get("held", 0))),
        last if isinstance(last, datetime) else None,
    )


def editions_of(form_id: int) -> tuple[FormEdition, ...]:
    """All editions of a form, the latest first; one query. The caller has found that the actor sees the form."""
    return tuple(FormEdition.objects.filter(form=form_id).order_by("-number").select_related("made_by"))
