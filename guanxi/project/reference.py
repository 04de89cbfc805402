"""The reference pages that are made from the registries: objects with their fields, and permissions.

They name what the program itself has, not what people made, so that no database is needed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

from guanxi.customers.models import Account
from guanxi.platform.access.catalogue import own_objects
from guanxi.platform.access.protection import ENCRYPTED, Protection, protection_of
from guanxi.platform.access.rules import WORDS, FieldAccess
from guanxi.platform.access.urls import Permission
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import contributed_fields_of, own_fields_of, own_specs
from guanxi.platform.objects.spec import Label, ObjectSpec
from guanxi.platform.people.words import ACTION_WORDS, rule_words, sensitivity_words

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
MADE = "<!-- Written by `guanxi reference`; change the code, not this page. -->"
ENGLISH, CHINESE = "en", "zh-hans"

app = typer.Typer()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the reference: its file and its text."""

    file: Path
    text: str


@app.command()
def reference(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a page is out of date.")] = False,
) -> None:
    """Write the reference pages that are made from the code, or check that they are up to date."""
    stale = [page for page in pages() if not page.file.exists() or page.file.read_text(encoding="utf-8") != page.text]
    for page in stale:
        if not check:
            page.file.write_text(page.text, encoding="utf-8")
        typer.echo(f"{page.file.name} is {'out of date: run `guanxi reference`' if check else 'written'}.")
    if not stale:
        typer.echo("The reference pages are up to date.")
    if stale and check:
        raise typer.Exit(1)


def pages() -> tuple[Page, ...]:
    """The pages as they should be."""
    return Page(FOLDER / "objects.md", objects_page()), Page(FOLDER / "permissions.md", permissions_page())


def objects_page() -> str:
    """Every object with its fields, and the protected records that belong to them."""
    lines = [
        "# Objects and fields",
        "",
        MADE,
        "",
        "Each object has the lists, forms, search, bulk changes, export and API resource that its declaration names.",
        "Fields that people make in the browser stand beside these. What a protection means is told in",
        "[permissions.md](permissions.md).",
    ]
    for spec in own_specs():
        lines += ["", *_object_lines(spec)]
    lines += ["", "## All protected records", ""]
    rows = ([f"`{item.key}`", *_both(item.protection.label), *_reach(item.protection)] for item in own_objects())
    lines += _table(("Key", "English", "中文", "Reached", "Protected fields"), rows)
    return "\n".join(lines) + "\n"


def _object_lines(spec: ObjectSpec) -> list[str]:
    english, chinese = _both(spec.plural)
    reached, _ = _reach(protection_of(spec.model))
    places = [f"list `{spec.list_url}`", f"API `/api/v1/{spec.api_name}`" if spec.api_name else ""]
    if spec.board_field:
        places.append(f"board by `{spec.board_field}`")
    if spec.calendar_field:
        places.append(f"calendar by `{spec.calendar_field}`")
    fields = (*own_fields_of(spec), *contributed_fields_of(spec))
    return [
        f"## {english} · {chinese}",
        "",
        f"`{spec.key}` · {' · '.join(place for place in places if place)} · {reached}",
        "",
        *_table(("Field", "English", "中文", "Type", "Notes"), (_field_row(spec, item) for item in fields)),
    ]


def _field_row(spec: ObjectSpec, item: ObjectField) -> list[str]:
    sensitivity = protection_of(item.model).sensitivities.get(item.protected_name, "")
    notes = (
        "needed" if item.is_required and item.is_editable and item.beside is None else "",
        f"leads to `{item.target}`" if item.target else "",
        f"protected as {sensitivity}" if sensitivity else "",
        "encrypted" if item.is_sealed else "",
        f"kept by `{protection_of(item.model).key}`" if item.beside is not None else "",
        "" if item.is_editable and item.beside is None else "read only",
        "in bulk" if item.key in spec.bulk_fields else "",
    )
    return [f"`{item.key}`", *_both(item.label), item.kind.value, ", ".join(note for note in notes if note)]


def _reach(protection: Protection) -> tuple[str, str]:
    """How rows are reached, and which fields are protected, in words."""
    named = (("owner", protection.owner_field), ("unit", protection.unit_field))
    own = [f"{word} `{column}`" for word, column in named if column]
    reached = f"as its `{protection.follows}` is" if protection.follows else " and ".join(own) or "by its own rules"
    protected = (f"`{name}` as {kind}" for name, kind in protection.sensitivities.items())
    return reached, ", ".join(protected)


def permissions_page() -> str:
    """The actions, the words of row rules, the access to fields, and what every address demands."""
    kinds = sorted(ENCRYPTED | {kind for item in own_objects() for kind in item.protection.sensitivities.values()})
    return "\n".join(
        (
            *("# Permissions", "", MADE, "", "## Actions", ""),
            *_word_table("Action", {action.value: partial(str, word) for action, word in ACTION_WORDS.items()}),
            *("", "What follows another record is created and deleted by who may edit that record."),
            *(
                "Owner and department of a record change by who may hand it over; a share gives that right to nobody.",
                "",
            ),
            *("## Words of row rules", "", "`any_of` and `all_of` join rules; `field_in` names a field.", ""),
            *_word_table("Word", {word: partial(rule_words, rule, Account) for word, rule in WORDS.items()}),
            *("", "## Access to fields", "", "In rising order:", ""),
            *(f"{place}. `{item.name.lower()}`" for place, item in enumerate(FieldAccess, 1)),
            *("", "A role gives one of them for each protection; fields without a protection can be written.", ""),
            *_word_table("Protection", {kind: partial(sensitivity_words, kind) for kind in kinds}),
            *("", "## Addresses", "", "Pages of the sign-in and of the API are guarded by these themselves.", ""),
            *_table(("Address", "Demands"), ([f"`/{place}`", _demanded(found)] for place, found in _addresses())),
            "",
        )
    )


def _addresses() -> list[tuple[str, Permission]]:
    """Every address with what it demands, in their alphabet."""
    found = ((place, getattr(pattern.callback, "permission", None)) for place, pattern in _patterns(get_resolver()))
    return sorted(
        ((place, permission) for place, permission in found if isinstance(permission, Permission)),
        key=lambda item: item[0],
    )


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        place = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, place)
        else:
            yield place, entry


def _demanded(permission: Permission) -> str:
    if permission.public:
        return "nothing"
    if permission.model is None or permission.action is None:
        return "a sign-in; the rights on the object of the address are asked for by the page"
    return f"`{protection_of(permission.model).key}:{permission.action.value}`"


def _word_table(head: str, words: Mapping[str, Callable[[], str]]) -> list[str]:
    """A table of words of the code, each with what the two languages call it."""
    rows = ([f"`{key}`", *_spoken(word)] for key, word in words.items())
    return _table((head, "English", "中文"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of Markdown."""
    body = [list(map(_cell, row)) for row in rows]
    return [_line(head), _line(["---"] * len(head)), *map(_line, body)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _both(label: Label) -> tuple[str, str]:
    return _spoken(partial(str, label))


def _spoken(word: Callable[[], str]) -> tuple[str, str]:
    """What the two languages call something."""
    with override(ENGLISH):
        english = word()
    with override(CHINESE):
        return english, word()
