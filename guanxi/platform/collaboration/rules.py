"""Pure rules: whom a text mentions, how a comment becomes markup, which files are taken."""

from collections.abc import Collection, Iterable
from html import escape

from django.utils.safestring import SafeString

MENTION = "@"
IMAGES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
PDF = "application/pdf"
TEXTS = frozenset({"txt", "csv", "md", "log"})


def names_mentioned(text: str, names: Collection[str]) -> tuple[str, ...]:
    """The names that stand behind an @ in a text, each once; where several fit, the longest is meant."""
    longest_first = sorted((name for name in names if name), key=len, reverse=True)
    found: dict[str, None] = {}
    for part in text.split(MENTION)[1:]:
        name = next((name for name in longest_first if part.startswith(name)), "")
        if name:
            found[name] = None
    return tuple(found)


def comment_markup(text: str, mentioned: Iterable[str]) -> SafeString:
    """A comment as safe markup: everything is escaped, mentions are marked, lines are kept."""
    known = sorted({escape(name) for name in mentioned}, key=len, reverse=True)
    first, *parts = escape(text).split(MENTION)
    marked = [first]
    for part in parts:
        name = next((name for name in known if part.startswith(name)), "")
        marked.append(f'<b class="mention">@{name}</b>{part[len(name) :]}' if name else f"@{part}")
    return SafeString("".join(marked).replace("\r\n", "\n").replace("\n", "<br>"))


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, "" without one."""
    return name.rpartition(".")[2].lower() if "." in name.strip(".") else ""


def inline_type(name: str) -> str:
    """The media type under which a file may be shown in the browser; "" for one that is only handed out."""
    ending = ending_of(name)
    return PDF if ending == "pdf" else IMAGES.get(ending, "")


def size_words(size: int) -> str:
    """A size in bytes as people write it: 640 B, 12 kB, 3.4 MB."""
    if size < 1_000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1_000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"
