"""Pure rules: whom a text mentions, how a comment becomes markup."""

from collections.abc import Collection, Iterable
from html import escape

from django.utils.safestring import SafeString

MENTION = "@"


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
