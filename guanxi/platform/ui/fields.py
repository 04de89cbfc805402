"""One form field as the design has it: label above, control, help and errors below; and what a form needs around it."""

from dataclasses import dataclass
from typing import Any

from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    Select,
    SelectMultiple,
    TextInput,
)
from django.forms import FileInput as FilesInput
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.files.queries import file_rows
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.graphics import icon

DASHES = BLANK_CHOICE_DASH[0][1]


class SuggestingInput(TextInput):
    """A line of text below which the browser offers what the address `url` answers to the words typed so far."""

    def __init__(self, url: str | Promise, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        self.url = url

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the field and the list that htmx fills."""
        offered = f"{(attrs or {}).get('id', name)}_offered"
        asking = {
            "list": offered,
            "hx-get": str(self.url),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{offered}",
            "hx-swap": "innerHTML",
            "hx-sync": "this:replace",
            "hx-include": "this",
        }
        line = super().render(name, value, {**(attrs or {}), **asking}, renderer)
        return format_html('{}<datalist id="{}"></datalist>', line, offered)


class FileInput(ClearableFileInput):
    """A file to choose, with the name of the one that is there and a tick that takes it away."""

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the control, below what it holds now."""
        control = FilesInput.render(self, name, None, attrs, renderer)
        known = file_rows([value]).get(value) if isinstance(value, int) else None
        if known is None:
            return control
        tick = format_html(
            '<label class="row-x gap1 nw"><input class="ck" type="checkbox" name="{}">{}</label>',
            self.clear_checkbox_name(name),
            gettext("Remove"),
        )
        now = format_html('<span class="clip" title="{}">{}{}</span>', known.name, icon("paperclip"), known.name)
        return format_html('<div class="file-now sm">{}{}</div>{}', now, "" if self.is_required else tick, control)

    def use_required_attribute(self, initial: object) -> bool:
        """A file that is there already need not be chosen again."""
        return super().use_required_attribute(initial) and not initial


@dataclass(frozen=True, slots=True)
class FormView:
    """What `ui/_form.html` draws: a form in place, or alone on a page.

    `action` is the address it posts to, `cancel_url` the address that shows what it hides, in `target`, the selector
    of the block that an answer replaces. `fixed` are (label, value) pairs that are shown and cannot be changed.
    `remove_url` takes the record away; "" for none. `links` are further acts as (address, icon, label).
    """

    id: str
    title: str | Promise
    form: BaseForm
    action: str
    cancel_url: str
    target: str
    submit: str | Promise
    version: int | None = None
    fixed: tuple[tuple[str | Promise, str], ...] = ()
    remove_url: str = ""
    links: tuple[tuple[str, str, str | Promise], ...] = ()


def field(bound: BoundField) -> SafeString:
    """Return a labelled control with its help and its errors in words, tied together for screen readers."""
    widget = bound.field.widget
    if bound.name == next((name for name in bound.form.errors if name in bound.form.fields), ""):
        widget.attrs["autofocus"] = True  # what needs another look is looked at first
    if isinstance(widget, CheckboxInput):
        control = bound.as_widget(attrs={"class": "ck"})
        return format_html('<div><label class="row-x sm">{}{}</label>{}</div>', control, bound.label, _below(bound))
    if isinstance(widget, CheckboxSelectMultiple):
        return _ticks(bound)
    kind = "form-control"
    if isinstance(widget, Select):
        kind = "form-select"
        name_empty_choice(widget, is_required=bound.field.required)
    control = bound.as_widget(attrs={"class": f"{kind} bad" if bound.errors else kind})
    label = format_html(
        '<label class="lbl" for="{}">{}{}</label>', bound.id_for_label, bound.label, _required_word(bound)
    )
    return format_html("<div>{}{}{}</div>", label, control, _below(bound))


def form_errors(form: BaseForm) -> SafeString:
    """Return what is wrong with a form as a whole, in words above its fields; "" when nothing is."""
    return format_html_join(
        "",
        '<div class="note danger form-error" role="alert">{}<span>{}</span></div>',
        ((icon("alert-circle"), error) for error in form.non_field_errors()),
    )


def form_fields(form: BaseForm) -> SafeString:
    """Return all fields of a form after one another, and the hidden ones."""
    shown = format_html_join("", "{}", ((field(bound),) for bound in form.visible_fields()))
    return shown + format_html_join("", "{}", ((bound,) for bound in form.hidden_fields()))


def _ticks(bound: BoundField) -> SafeString:
    """Return several choices as labelled ticks under one legend."""
    bound.field.widget.attrs.setdefault("class", "ck")
    boxes = format_html_join(
        "",
        '<label class="row-x sm" for="{}">{}{}</label>',
        ((box.id_for_label, box.tag(), box.choice_label) for box in bound),
    )
    legend = format_html('<legend class="lbl">{}{}</legend>', bound.label, _required_word(bound))
    return format_html(
        '<fieldset class="ticks">{}<div class="row-x wrap">{}</div>{}</fieldset>', legend, boxes, _below(bound)
    )


def _required_word(bound: BoundField) -> SafeString:
    """Return the quiet word beside the label of a field that must be filled in, where others need not be."""
    widget = bound.field.widget
    is_chosen = isinstance(widget, Select) and not isinstance(widget, SelectMultiple)
    if is_chosen or not bound.field.required or all(field.required for field in bound.form.fields.values()):
        return SafeString("")
    return format_html('<span class="xs t3 fw4">{}</span>', pgettext("field", "required"))


def show_refusal(form: BaseForm, error: GuanxiError) -> None:
    """Write what a command refused beside the fields that it names in its data, else above the form.

    `fields` maps names to messages; `field` is the one that the error's sentence is about.
    """
    fields, name = error.data.get("fields"), str(error.data.get("field", ""))
    if isinstance(fields, dict):
        for key, messages in fields.items():
            form.add_error(key if key in form.fields else None, messages)
    else:
        form.add_error(name if name in form.fields else None, sentence_of(error))


def posted_version(request: HttpRequest) -> int | None:
    """The version of the record that the person had before them when typing; None when the form did not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def version_after(error: GuanxiError, version: int) -> int:
    """The version that the form shows next: that of the other change once the person was told of it, else the same."""
    found = error.data.get("version")
    return found if isinstance(found, int) else version


def focus_first(form: BaseForm) -> None:
    """Let the first field that needs another look take the focus, or the first of all."""
    name = next((name for name in form.errors if name in form.fields), next(iter(form.fields), ""))
    if name:
        form.fields[name].widget.attrs["autofocus"] = True


def name_empty_choice(widget: Select, *, is_required: bool) -> None:
    """Let the empty choice, which Django writes as a row of dashes, say what it means; words of the form's own stay."""
    words = gettext("Choose…") if is_required else gettext("Not stated")
    widget.choices = [(value, words if label == DASHES else label) for value, label in widget.choices]


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
