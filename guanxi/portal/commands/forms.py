"""Verbs about forms. What visitors read is kept edition by edition: a change of words makes a new one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.records.change import change, create
from guanxi.portal.choices import OwnerWay
from guanxi.portal.models import FormEdition, WebForm
from guanxi.portal.queries.confirming import is_mail_ready
from guanxi.portal.queries.forms import latest_edition
from guanxi.portal.rules.addresses import require_redirect, require_slug
from guanxi.portal.rules.fields import AskedConsent, AskedField, kept, require_askable, require_confirmable


@dataclass(frozen=True, slots=True)
class FormSettings:
    """What holds for a form whatever its words: address, sites, source, who looks after whom it brings."""

    slug: str
    is_open: bool
    sites: tuple[str, ...]
    source: str
    owner_way: str
    owner_id: int | None
    unit_id: int | None
    pool_id: int | None
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class FormContent:
    """What visitors read and fill in."""

    title_zh: str
    title_en: str
    introduction_zh: str
    introduction_en: str
    thanks_zh: str
    thanks_en: str
    redirect_url: str
    fields: tuple[AskedField, ...]
    consents: tuple[AskedConsent, ...]


@transaction.atomic
def create_form(settings: FormSettings, content: FormContent, *, actor: Actor) -> WebForm:
    """Make a form with its first edition.

    Raises: AccessDenied, RuleViolation("form.…"), Conflict("form.taken") for a name in the address that is used.
    """
    _require(settings, content)
    form = WebForm(**asdict(settings) | {"sites": list(settings.sites)})
    try:
        with create(form, actor=actor):
            pass
    except Conflict as error:
        raise _taken(settings.slug) from error
    _add_edition(form, content, number=1, actor=actor)
    return form


@transaction.atomic
def edit_form(
    form_id: int, settings: FormSettings, content: FormContent, *, version: int | None = None, actor: Actor
) -> WebForm:
    """Change a form; other words make a new edition, the same ones none.

    Raises: NotFound, AccessDenied, RuleViolation("form.…"), Conflict("record.changed" | "form.taken").
    """
    _require(settings, content)
    try:
        with change(WebForm, form_id, action="edit", version=version, actor=actor) as work:
            for name, value in asdict(settings).items():
                setattr(work.record, name, list(value) if name == "sites" else value)
    except Conflict as error:
        if error.code == "record.taken":
            raise _taken(settings.slug) from error
        raise
    former = latest_edition(form_id)
    if former is None or _columns(content) != {name: getattr(former, name) for name in _columns(content)}:
        _add_edition(work.record, content, number=former.number + 1 if former else 1, actor=actor)
    return work.record


def _taken(slug: str) -> Conflict:
    return Conflict("form.taken", "Another form has the name “%(slug)s” in its address.", slug=slug, field="slug")


def _require(settings: FormSettings, content: FormContent) -> None:
    require_slug(settings.slug)
    require_redirect(content.redirect_url, sites=settings.sites)
    require_askable(content.fields, content.consents)
    if settings.is_confirmed:
        require_confirmable(content.fields, is_mail_ready=is_mail_ready())
    if not content.title_zh.strip():
        raise RuleViolation("form.title", "A form has a title.", field="title_zh")
    needed = {OwnerWay.FIXED: settings.owner_id, OwnerWay.TURN: settings.unit_id, OwnerWay.POOL: settings.pool_id}
    if needed[OwnerWay(settings.owner_way)] is None:
        field = {OwnerWay.FIXED: "owner", OwnerWay.TURN: "unit", OwnerWay.POOL: "pool"}[OwnerWay(settings.owner_way)]
        raise RuleViolation("form.owner", "Say who looks after the customers that it brings.", field=field)


def _columns(content: FormContent) -> Mapping[str, object]:
    """The content by the columns of an edition."""
    texts = {name: value for name, value in asdict(content).items() if isinstance(value, str)}
    return texts | {"fields": kept(content.fields), "consents": kept(content.consents)}


def _add_edition(form: WebForm, content: FormContent, *, number: int, actor: Actor) -> None:
    """Keep the words; the audit entry of the form's change speaks of it."""
    FormEdition.objects.create(form=form, number=number, made_by_id=actor.user_id, **_columns(content))
