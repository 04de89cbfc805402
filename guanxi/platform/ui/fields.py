"""One form field as the design has it: label above, control, help and errors below."""

from django.forms import BoundField, CheckboxInput, Select
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from guanxi.platform.ui.graphics import icon


def field(bound: BoundField) -> SafeString:
    """Return a labelled control with its help and its errors in words, tied together for screen readers."""
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        control = bound.as_widget(attrs={"class": "ck"})
        return format_html('<div><label class="row-x sm">{}{}</label>{}</div>', control, bound.label, _below(bound))
    kind = "form-select" if isinstance(widget, Select) else "form-control"
    control = bound.as_widget(attrs={"class": f"{kind} bad" if bound.errors else kind})
    label = format_html('<label class="lbl" for="{}">{}</label>', bound.id_for_label, bound.label)
    return format_html("<div>{}{}{}</div>", label, control, _below(bound))


def _below(bound: BoundField) -> SafeString:
    """Return the help and the errors, with the ids that Django's widgets name in aria-describedby."""
    parts = []
    if bound.help_text:
        parts.append(format_html('<div class="help" id="{}_helptext">{}</div>', bound.auto_id, bound.help_text))
    if bound.errors:
        line = '<div class="help danger row-x gap1">{}{}</div>'
        lines = format_html_join("", line, ((icon("alert-circle"), error) for error in bound.errors))
        parts.append(format_html('<div id="{}_error">{}</div>', bound.auto_id, lines))
    return SafeString("".join(parts))
