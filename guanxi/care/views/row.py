"""One row of the queue as shown, and its markup: plain strings, for a page draws dozens to hundreds of them."""

from dataclasses import dataclass
from html import escape

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.care.views.later import LaterMenu
from guanxi.engagement.facade import Draft
from guanxi.platform.ui.format import language_mark
from guanxi.platform.ui.graphics import icon

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of the rank: its name, a bar, its figure with the unit, and what it means."""

    label: str
    bar: str
    figure: str
    hint: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What an open row shows more of: the drafted message, why it stands where it stands, further reasons, and what
    the strategy of the customer's class says, "" for none.

    `answers` are on offer once somebody says that the row was not useful; `later` always is.
    """

    draft: Draft | None
    next_variant: int
    factors: tuple[Factor, ...]
    further: tuple[tuple[Text, str], ...]
    strategy: str
    number: str
    answers: tuple[tuple[int, str, Text], ...]
    later: LaterMenu
    is_later_open: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the queue. `url` is the address under which its acts stand, `card_url` that of the account's
    card; `grade`, `spark` and `delta` are markup, all else is text."""

    id: int
    url: str
    card_url: str
    account_id: int
    rank: int
    name: str
    contact: str
    grade: str
    index: str
    spark: str
    delta: str
    reason: str
    tone: str
    tone_label: str
    evidence: str
    evidence_url: str
    channel: str
    channel_icon: str
    hours: str
    topic: str
    hold: str
    opened: Opened | None = None

    def closed(self) -> SafeString:
        """The closed row; it opens when it gets the focus, its buttons belong to the form `queue-act`."""
        return SafeString(
            f'<li class="q-row" id="row-{self.id}" data-row data-swipe tabindex="0"'
            f' hx-get="{self.url}?place={self.rank}" hx-trigger="focus delay:120ms" hx-target="this"'
            f' hx-swap="outerHTML">{self.facts()}{self.proposal()}{self._acts()}</li>'
        )

    def facts(self) -> SafeString:
        """The cells that every list of rows begins with: rank, customer, index, reason with its evidence."""
        name, evidence, mark = escape(self.name), escape(self.evidence), language_mark(self.name)
        return SafeString(
            f'<span class="q-rank num">{self.rank}</span>'
            f'<div class="row-x gap3">{self.grade}<div class="grow"><div class="q-name clip">'
            f'<a class="plain" data-open href="{self.card_url}" title="{name}"{mark}>{name}</a></div>'
            f'<div class="q-sub clip">{escape(self.contact)}</div></div></div>'
            f'<div class="q-idx"><span class="num b">{self.index}</span>{self.spark}<span>{self.delta}</span></div>'
            f'<div class="q-reason grow"><div class="q-why"><span class="dot {self.tone}"></span>{escape(self.reason)}'
            f'<span class="vh"> {escape(self.tone_label)}</span></div><div class="q-sub clip">'
            f'<a class="open" href="{escape(self.evidence_url)}" title="{evidence}">{evidence}</a></div></div>'
        )

    def proposal(self) -> SafeString:
        """The cell with the channel, the hours and the topic."""
        topic = escape(self.topic)
        return SafeString(
            f'<div class="q-when q-do grow"><div class="row-x gap1 nw">{icon(self.channel_icon)}'
            f'<span>{escape(self.channel)}</span><span class="t3 xs num">{self.hours}</span></div>'
            f'<div class="q-sub clip q-topic" title="{topic}">{topic}</div></div>'
        )

    def _acts(self) -> str:
        button = 'button form="queue-act" class="btn btn-s btn-i"'
        return (
            '<div class="q-acts no-p" hx-target="#today" hx-swap="outerHTML">'
            f'<{button} data-key="e" formaction="{self.url}done/" hx-post="{self.url}done/"'
            f' aria-label="{escape(_("Done"))}">{icon("check")}</button>'
            f'<{button} data-key="s" formaction="{self.url}later/" hx-post="{self.url}later/"'
            f' aria-label="{escape(_("Later"))}">{icon("clock")}</button>'
            f'<a class="btn btn-s btn-i" data-key="l" href="{self.url}?later=1"'
            f' hx-get="{self.url}?later=1&amp;place={self.rank}" hx-target="closest li"'
            f' aria-label="{escape(_("Later, on a day to choose"))}">{icon("calendar-time")}</a>'
            f'<a class="btn btn-s btn-i" data-key="x" href="{self.url}?why=1"'
            f' hx-get="{self.url}?why=1&amp;place={self.rank}" hx-target="closest li"'
            f' aria-label="{escape(_("Not useful"))}">{icon("thumb-down")}</a></div>'
        )
