"""The translation catalogues `locale/*/LC_MESSAGES/django.po`: extraction, update, check for completeness.

Messages are the English sentences in gettext calls of Python files, in `translate` and `blocktranslate` of
templates, and the second argument of GuanxiError classes. Nothing but Babel and Django is needed.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[3]
LOCALES = ("en", "zh_Hans")
SOURCE_LOCALE = "en"
DOMAIN = Path("LC_MESSAGES/django.po")
LINE_WIDTH = 110
CALLS = {
    "gettext": (0,),
    "gettext_lazy": (0,),
    "gettext_noop": (0,),
    "ngettext": (0, 1),
    "ngettext_lazy": (0, 1),
    "pgettext": (1,),
    "pgettext_lazy": (1,),
    "npgettext": (1, 2),
    "npgettext_lazy": (1, 2),
    "RuleViolation": (1,),
    "AccessDenied": (1,),
    "NotFound": (1,),
    "Conflict": (1,),
    "ExternalFailure": (1,),
    "ConfigurationError": (1,),
}
TEMPLATE_CALL = re.compile(
    r"""\b(?:(?:np|n|p)?gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)""", re.DOTALL
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One message that keeps a catalogue from being complete: missing, empty, fuzzy, stale, placeholders."""

    locale: str
    kind: str
    message: str


def extracted() -> Catalog:
    """Return a catalogue of all messages that the code names today, without translations."""
    template = Catalog(project="Guanxi", charset="utf-8")
    for path in sorted((ROOT / "guanxi").rglob("*")):
        if path.suffix in {".py", ".html"} and not {"tests", "migrations", "static"} & set(path.parts):
            for message, context in _messages_of(path):
                template.add(message, context=context)
    return template


def _messages_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield each message of one file with its context; singular and plural come as a pair."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        calls = TEMPLATE_CALL.findall(templatize(text, origin=str(path)))
        text = "\n".join(" ".join(call.split("\n")) for call in calls)
    tree = ast.parse(text, filename=str(path))
    meanings = {"_": "gettext", **_aliases(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = meanings.get(_called_name(node), _called_name(node))
        if name in CALLS:
            words = _texts(node, CALLS[name])
            context = _texts(node, (0,)) if "pgettext" in name else ()
            if words:
                yield words if len(words) > 1 else words[0], context[0] if context else None


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Return the meaning of each name imported from Django's translation: `_l` is gettext_lazy."""
    return {
        imported.asname or imported.name: imported.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for imported in node.names
    }


def _called_name(call: ast.Call) -> str:
    """Return the last word of what is called: `gettext` in `translation.gettext(…)` as well."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _texts(call: ast.Call, places: tuple[int, ...]) -> tuple[str, ...]:
    """Return the literal texts at these places of a call; nothing if one of them is no literal."""
    found = [call.args[place] for place in places if place < len(call.args)]
    texts = [node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return tuple(texts) if len(texts) == len(places) else ()


def updated(locale: str) -> Catalog:
    """Return the catalogue of a locale brought up to date: new messages added, those no longer used dropped.

    English translates itself; new messages of other locales are left empty.
    """
    catalogue = _stored(locale)
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    if locale == SOURCE_LOCALE:
        for message in catalogue:
            if message.id:
                message.string = message.id
    return catalogue


def write_catalogues() -> None:
    """Bring the files of all locales up to date."""
    for locale in LOCALES:
        catalogue = updated(locale)
        target = ROOT / "locale" / locale / DOMAIN
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_po(file, catalogue, no_location=True, sort_output=True, width=LINE_WIDTH)


def faults() -> list[Fault]:
    """Return what keeps the stored catalogues from being complete; an empty list means all is well."""
    wanted = {(message.id, message.context) for message in extracted() if message.id}
    found: list[Fault] = []
    for locale in LOCALES:
        stored = {(message.id, message.context): message for message in _stored(locale) if message.id}
        found.extend(Fault(locale, "missing", _first(key[0])) for key in sorted(wanted - stored.keys(), key=str))
        found.extend(Fault(locale, "stale", _first(key[0])) for key in sorted(stored.keys() - wanted, key=str))
        found.extend(
            Fault(locale, kind, _first(key[0]))
            for key in sorted(wanted & stored.keys(), key=str)
            if (kind := _fault_kind(stored[key]))
        )
    return found


def _fault_kind(message: Message) -> str:
    """Return what is wrong with a stored message, or an empty string."""
    translations = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(translations):
        return "empty"
    if message.fuzzy:
        return "fuzzy"
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    singular, plural = (set(PLACEHOLDER.findall(source)) for source in (sources[0], sources[-1]))
    found = [set(PLACEHOLDER.findall(text)) for text in translations]
    if found[-1] != plural or any(names not in (singular, plural) for names in found):
        return "placeholders"
    return ""


def _first(message: str | tuple[str, ...] | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _stored(locale: str) -> Catalog:
    """Return the catalogue file of a locale, or an empty catalogue where there is none yet."""
    path = ROOT / "locale" / locale / DOMAIN
    if not path.is_file():
        return Catalog(locale=locale, project="Guanxi", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)
