"""What waits for a person: notifications as they are read, with the rights that the person has at that moment.

A notification about a record that the person may no longer see, or that lies in the trash, is neither shown nor
counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import SecurityNotice
from guanxi.platform.accounts.queries import administers_everybody, own_id, people
from guanxi.platform.collaboration.models import Notification, NotificationKind
from guanxi.platform.collaboration.queries import comment_texts, record_url, visible_records
from guanxi.platform.collaboration.watching import notice_words
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.objects.topics import Subject, topic_of
from guanxi.platform.ui import format as formats

PAGE_SIZE = 50
MOST_COUNTED = 99
LONGEST_EXCERPT = 160
ICONS = {
    NotificationKind.MENTIONED: "at",
    NotificationKind.COMMENTED: "message",
    NotificationKind.ASSIGNED: "user-share",
    NotificationKind.SHARED: "share",
    NotificationKind.LEAVING: "hourglass-low",
    NotificationKind.HEARD: "inbox",
    NotificationKind.ASKED: "help-circle",
    NotificationKind.FINISHED: "progress-check",
    NotificationKind.UNUSUAL: "shield-exclamation",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification in words: what happened, to what, an excerpt, where it leads.

    `label` names the record or the subject of a topic; a topic has no record that could be muted.
    """

    id: int
    kind: NotificationKind
    icon: str
    sentence: str
    label: str
    excerpt: str
    url: str
    at: datetime
    is_read: bool
    object_key: str
    record_id: int | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of notifications, the newest first; `before` is where the next page begins, None on the last."""

    notices: tuple[Notice, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the notifications of a page are about, as far as the reader may see it."""

    specs: Mapping[str, ObjectSpec]
    records: Mapping[tuple[str, int], models.Model]
    comments: Mapping[int, str]
    runs: Mapping[int, JobRun]
    names: Mapping[int, str]
    unusual: Mapping[int, SecurityNotice]
    subjects: Mapping[tuple[str, int], Subject]


def inbox_of(actor: Actor, *, only_unread: bool = False, before: int | None = None) -> Inbox:
    """One page of what the actor was told; a number of queries that depends on the kinds of objects alone."""
    rows = Notification.objects.filter(user_id=own_id(actor), is_shown=True)
    if only_unread:
        rows = rows.filter(read_at__isnull=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    return Inbox(notices(found[:PAGE_SIZE], actor), found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None)


def unread_count(actor: Actor) -> int:
    """How many notifications are new to the actor and may be seen, at most 99."""
    rows = Notification.objects.filter(user_id=own_id(actor), is_shown=True, read_at__isnull=True)
    return len(seen(list(rows.order_by("-pk")[:MOST_COUNTED]), actor))


def notices(rows: Sequence[Notification], actor: Actor) -> tuple[Notice, ...]:
    """Notifications in words; those about what the actor may not see are left out."""
    known = _known(rows, actor)
    return tuple(_notice(row, known) for row in rows if _is_seen(row, known, actor))


def seen(rows: Sequence[Notification], actor: Actor) -> list[Notification]:
    """Those of the notifications that are about what the actor may see."""
    known = _Known(_specs(), _records(rows, actor), _comments(rows), {}, {}, {}, _subjects(rows, actor))
    return [row for row in rows if _is_seen(row, known, actor)]


def _known(rows: Sequence[Notification], actor: Actor) -> _Known:
    runs = JobRun.objects.in_bulk([row.run_id for row in rows if row.run_id is not None])
    noticed = [row.notice_id for row in rows if row.notice_id is not None]
    unusual = SecurityNotice.objects.in_bulk(noticed) if noticed else {}
    ids = {row.by_id for row in rows} | {notice.user_id for notice in unusual.values()}
    names = {user_id: person.name for user_id, person in people(pk for pk in ids if pk).items()}
    subjects = _subjects(rows, actor)
    return _Known(_specs(), _records(rows, actor), _comments(rows), runs, names, unusual, subjects)


def _specs() -> dict[str, ObjectSpec]:
    return {spec.key: spec for spec in object_specs() if spec.list_url}


def _records(rows: Iterable[Notification], actor: Actor) -> dict[tuple[str, int], models.Model]:
    """The records that notifications are about and that the actor may see; one query for each object."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id is not None:
            ids.setdefault(row.object_key, set()).add(row.record_id)
    specs = _specs()
    return {
        (key, record_id): record
        for key, wanted in ids.items()
        if key in specs
        for record_id, record in visible_records(key, wanted, actor).items()
    }


def _subjects(rows: Iterable[Notification], actor: Actor) -> dict[tuple[str, int], Subject]:
    """What waits for the actor and may be heard of now; a fixed number of queries for each topic."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.kind == NotificationKind.ASKED and row.record_id is not None:
            ids.setdefault(row.object_key, set()).add(row.record_id)
    return {
        (key, subject_id): subject
        for key, wanted in ids.items()
        if (topic := topic_of(key)) is not None
        for subject_id, subject in topic.subjects(wanted, actor).items()
    }


def _comments(rows: Iterable[Notification]) -> dict[int, str]:
    ids = [row.comment_id for row in rows if row.comment_id is not None]
    return comment_texts(ids) if ids else {}


def _is_seen(row: Notification, known: _Known, actor: Actor) -> bool:
    if row.comment_id is not None and row.comment_id not in known.comments:
        return False
    if row.notice_id is not None:
        return administers_everybody(actor)
    if row.kind == NotificationKind.ASKED:
        return (row.object_key, row.record_id) in known.subjects
    if row.record_id is not None:
        return (row.object_key, row.record_id) in known.records
    if row.object_key:
        spec = known.specs.get(row.object_key)
        return spec is not None and may(actor, spec.model, Action.VIEW)
    return True


def _notice(row: Notification, known: _Known) -> Notice:
    kind = NotificationKind(row.kind)
    spec = known.specs.get(row.object_key)
    subject = known.subjects.get((row.object_key, row.record_id)) if row.record_id is not None else None
    topic = topic_of(row.object_key) if subject is not None else None
    label, url = "", "/jobs/"
    if subject is not None:
        label, url = subject.label, subject.url
    elif spec is not None and row.record_id is not None:
        label, url = str(known.records[row.object_key, row.record_id]), record_url(spec, row.record_id)
        url += "#comments" if row.comment_id is not None else ""
    elif spec is not None:
        is_of_another = row.kind == NotificationKind.LEAVING and row.by_id is not None
        url = f"{spec.list_url}?owner={row.by_id if is_of_another else 'me'}"
    elif row.notice_id is not None:
        url = "/settings/security/"
    text = known.comments.get(row.comment_id, "") if row.comment_id is not None else ""
    excerpt = text if len(text) <= LONGEST_EXCERPT else text[:LONGEST_EXCERPT].rstrip() + "…"
    return Notice(
        id=row.pk,
        kind=kind,
        icon=topic.icon if topic is not None else ICONS[kind],
        sentence=_sentence(row, kind, known),
        label=label,
        excerpt=excerpt,
        url=url,
        at=row.created_at,
        is_read=row.read_at is not None,
        object_key=row.object_key if subject is None else "",
        record_id=row.record_id if subject is None else None,
    )


def _sentence(row: Notification, kind: NotificationKind, known: _Known) -> str:
    who = known.names.get(row.by_id, "") if row.by_id is not None else ""
    who = who or _("Guanxi")
    match kind:
        case NotificationKind.MENTIONED:
            return _("%(who)s mentioned you") % {"who": who}
        case NotificationKind.COMMENTED:
            return _("%(who)s commented") % {"who": who}
        case NotificationKind.SHARED:
            return _("%(who)s shared this with you") % {"who": who}
        case NotificationKind.FINISHED:
            return _finished(known.runs.get(row.run_id) if row.run_id is not None else None)
        case NotificationKind.LEAVING:
            return _leaving(row, who)
        case NotificationKind.HEARD:
            return _("Something came in from outside")
        case NotificationKind.ASKED if (topic := topic_of(row.object_key)) is not None:
            return topic.sentence(who, row.count)
        case NotificationKind.UNUSUAL if row.notice_id is not None:
            notice = known.unusual[row.notice_id]
            return notice_words(notice, known.names.get(notice.user_id or 0, ""))
        case _:
            return _assigned(row, who)


def _assigned(row: Notification, who: str) -> str:
    if row.record_id is not None:
        return _("%(who)s assigned this to you") % {"who": who}
    words = ngettext("%(who)s assigned %(count)s record to you", "%(who)s assigned %(count)s records to you", row.count)
    return words % {"who": who, "count": formats.number(row.count)}


def _leaving(row: Notification, who: str) -> str:
    """What leaves by a rule soon: the reader, or the person whom the reader stands above."""
    if row.by_id is not None:
        words = ngettext(
            "%(count)s record leaves %(name)s soon by a rule, unless something happens",
            "%(count)s records leave %(name)s soon by a rule, unless something happens",
            row.count,
        )
        return words % {"count": formats.number(row.count), "name": who}
    if row.record_id is not None:
        return _("Leaves you soon by a rule, unless something happens")
    words = ngettext(
        "%(count)s record leaves you soon by a rule, unless something happens",
        "%(count)s records leave you soon by a rule, unless something happens",
        row.count,
    )
    return words % {"count": formats.number(row.count)}


def _finished(run: JobRun | None) -> str:
    if run is None:
        return _("Work in the background is finished")
    title = {"title": _(run.title) if run.title else _("Work in the background")}
    match run.state:
        case RunState.DONE:
            return _("%(title)s: done") % title
        case RunState.CANCELLED:
            return _("%(title)s: stopped") % title
        case _:
            return _("%(title)s: failed") % title
