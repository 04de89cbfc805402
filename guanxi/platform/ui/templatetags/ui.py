"""Template tags and filters: `{% load ui %}` gives a template the formats and the graphics of this room."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.fields import field, form_errors, form_fields

register = template.Library()

register.simple_tag(graphics.icon)
register.simple_tag(graphics.grade)
register.simple_tag(graphics.delta)
register.simple_tag(graphics.spark)
register.simple_tag(graphics.bar)
register.simple_tag(graphics.avatar)
register.simple_tag(graphics.chart)
register.simple_tag(graphics.edit_link)
register.simple_tag(graphics.place_link)
register.simple_tag(field)
register.simple_tag(form_errors)
register.simple_tag(form_fields)

register.filter(is_safe=True)(formats.points)
register.filter(is_safe=True)(formats.full_day)
register.filter(is_safe=True)(formats.long_day)
register.filter(is_safe=True)(formats.month)
register.filter(is_safe=True)(formats.days_ago)
register.filter(is_safe=True)(formats.day_count)
register.filter(is_safe=True)(formats.duration)
register.filter(formats.enumeration)
register.filter(formats.initials)
register.filter(formats.language_mark)
register.filter(formats.phone)
register.filter(formats.masked_phone)


@register.filter(is_safe=True)
def number(value: formats.Number | None, decimals: int = 0) -> str:
    """Return a grouped number: `{{ count|number }}`, `{{ index|number:1 }}`."""
    return formats.number(value, decimals=decimals)


@register.filter(is_safe=True)
def signed(value: formats.Number | None, decimals: int = 1) -> str:
    """Return a number with its sign: `{{ effect|signed }}`."""
    return formats.signed(value, decimals=decimals)


@register.filter(is_safe=True)
def percent(share: formats.Number | None, decimals: int = 1) -> str:
    """Return a share of 1 in per cent: `{{ share|percent }}`."""
    return formats.percent(share, decimals=decimals)


@register.filter(is_safe=True)
def money(amount: formats.Number | None, currency: str = "CNY") -> str:
    """Return a short amount: `{{ margin|money }}`."""
    return formats.money(amount, currency=currency)


@register.filter(is_safe=True)
def money_full(amount: formats.Number | None, currency: str = "CNY") -> str:
    """Return an amount to the cent, for tables and documents."""
    return formats.money_full(amount, currency=currency)


@register.filter(is_safe=True)
def day(value: date | datetime | None) -> str:
    """Return a short day in the zone of the person: `{{ bought_at|day }}`."""
    return formats.day(_local_day(value), today=timezone.localdate())


@register.filter(is_safe=True)
def relative_day(value: date | datetime | None) -> str:
    """Return a day seen from today: `{{ due_on|relative_day }}`."""
    return formats.relative_day(_local_day(value), today=timezone.localdate())


@register.filter(is_safe=True)
def clock(value: datetime | None) -> str:
    """Return the time of an instant in the zone of the person."""
    return formats.clock(None if value is None else timezone.localtime(value))


def _local_day(value: date | datetime | None) -> date | None:
    """Return the calendar day of an instant in the active zone; a day as it is."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
