"""Gives each page its frame: navigation, language, theme, density, the person's name. No query is made."""

from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from guanxi.kernel.actor import Actor
from guanxi.platform.ui.format import number
from guanxi.platform.ui.graphics import icon
from guanxi.platform.ui.navigation import (
    Bell,
    Label,
    NavigationEntry,
    address_of,
    bell,
    creations_for,
    frame_files,
    navigation_for,
    search_target,
)

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact", "large")
THEME_COOKIE = "theme"
DENSITY_COOKIE = "density"
HTML_LANGUAGES = {"zh-hans": "zh-Hans"}
LANGUAGE_NAMES = (("zh-hans", "简体中文"), ("en", "English"))
TAB_COUNT = 4
MOST_TOLD = 1_000
FONT = "vendor/inter.woff2"
FONT = "vendor/inter.woff2"
STYLES = ("tokens", "base", "shell", "controls", "components", "tables", "overlay", "palette")
# What must stand before anything can be seen: the theme, and the keys that a quick hand presses at once.
FIRST_SCRIPTS = ("guanxi/theme.js", "guanxi/keys.js")
SCRIPTS = ("django_htmx/htmx-2.min.js", "guanxi/app.js", "guanxi/palette.js", "guanxi/files.js")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the frame; `count` is the figure beside it, None for none."""

    key: str
    label: str
    icon: str
    url: str
    is_current: bool = False
    count: int | None = None
    key_letter: str = ""


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links under one heading."""

    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """What `ui/page.html` needs. `theme_choice` is the person's; `theme` is what the server makes of it."""

    html_language: str
    language: str
    languages: tuple[tuple[str, str], ...]
    theme: str
    theme_choice: str
    density: str
    path: str
    user_name: str
    groups: tuple[LinkGroup, ...]
    navigation: SafeString
    tabs: tuple[Link, ...]
    creations: tuple[Link, ...]
    search_url: str
    search_placeholder: Label
    search_words: str
    more_url: str
    keyboard_url: str
    bell: Bell | None
    head_files: SafeString


def shell(request: HttpRequest) -> dict[str, object]:
    """Template context processor: `shell`, worked out only when a template reads it."""
    return {"shell": SimpleLazyObject(lambda: shell_of(request))}


def shell_of(request: HttpRequest) -> Shell:
    """Return the frame for one request; without a signed-in actor it has no links."""
    actor = getattr(request, "actor", None)
    links = _links(actor, request.path) if isinstance(actor, Actor) else ()
    creations = creations_for(actor) if isinstance(actor, Actor) else ()
    groups = _groups(links)
    target = search_target()
    language = get_language() or settings.LANGUAGE_CODE
    choice = _cookie(request, THEME_COOKIE, THEMES)
    return Shell(
        html_language=HTML_LANGUAGES.get(language, language),
        language=language,
        languages=LANGUAGE_NAMES,
        theme="dark" if choice == "dark" else "light",
        theme_choice=choice,
        density=_cookie(request, DENSITY_COOKIE, DENSITIES),
        path=request.get_full_path(),
        user_name=actor.name if isinstance(actor, Actor) else "",
        groups=groups,
        navigation=navigation_markup(groups),
        tabs=_tabs(links),
        creations=tuple(Link(entry.key, str(entry.label), entry.icon, address_of(entry)) for entry in creations),
        search_url=_url(target.url_name) if target else "",
        search_placeholder=target.placeholder if target else "",
        search_words=request.GET.get("q", ""),
        more_url=_url("more"),
        keyboard_url=_url("keyboard"),
        bell=bell() if isinstance(actor, Actor) else None,
        head_files=_head_files(),
    )


def _cookie(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    """Return a preference cookie if its value is allowed, else the first allowed one."""
    value = request.COOKIES.get(name, "")
    return value if value in allowed else allowed[0]


@cache
def _head_files() -> SafeString:
    """Return the tags of the files that every page loads; their addresses change only with a new version."""
    others = frame_files()
    styles = ("vendor/tabler.css", *(f"guanxi/{name}.css" for name in STYLES))
    styles = (*styles, *(name for files in others for name in files.styles))
    scripts = (*SCRIPTS, *(name for files in others for name in files.scripts))
    lines = [
        format_html('<link rel="icon" href="{}" type="image/svg+xml">', static("guanxi/seal.svg")),
        format_html('<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>', static(FONT)),
        format_html('<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>', static(FONT)),
        *(format_html('<link rel="stylesheet" href="{}">', static(name)) for name in styles),
        *(format_html('<script src="{}"></script>', static(name)) for name in FIRST_SCRIPTS),
        *(format_html('<script src="{}" defer></script>', static(name)) for name in scripts),
    ]
    return SafeString("\n".join(lines))


@cache
def _url(url_name: str) -> str:
    """Return the address of a named page; addresses do not change while the program runs."""
    return reverse(url_name)


def _links(actor: Actor, path: str) -> tuple[tuple[NavigationEntry, Link], ...]:
    """Return each entry with its link; current is the longest address with which `path` begins."""
    entries = navigation_for(actor)
    addresses = [address_of(entry) for entry in entries]
    matches = [url for url in addresses if path == url or (url != "/" and path.startswith(url))]
    current = max(matches, key=len, default="")
    return tuple(
        (
            entry,
            Link(
                key=entry.key,
                label=str(entry.label),
                icon=entry.icon,
                url=url,
                is_current=url == current,
                count=entry.count(actor) if entry.count else None,
                key_letter=entry.key_letter,
            ),
        )
        for entry, url in zip(entries, addresses, strict=True)
    )


def _groups(links: tuple[tuple[NavigationEntry, Link], ...]) -> tuple[LinkGroup, ...]:
    """Return the links by heading, headings in the order of their first link."""
    members: dict[str, list[Link]] = {}
    for entry, link in links:
        members.setdefault(str(entry.group), []).append(link)
    return tuple(LinkGroup(label, tuple(found)) for label, found in members.items())


@lru_cache(maxsize=256)
def navigation_markup(groups: tuple[LinkGroup, ...]) -> SafeString:
    """Return the links of the sidebar; the same few are drawn for every page, so they are kept."""
    parts = []
    for group in groups:
        if group.label:
            parts.append(format_html('<div class="heading">{}</div>', group.label))
        parts.extend(_link_markup(link) for link in group.links)
    return SafeString("".join(parts))


def _link_markup(link: Link) -> SafeString:
    """Return one link of the sidebar with its icon and its figure."""
    current = SafeString(' aria-current="page"' if link.is_current else "")
    go = format_html(' data-go="{}"', link.key_letter) if link.key_letter else ""
    count = format_html('<span class="n">{}</span>', _figure(link.count)) if link.count else ""
    return format_html(
        '<a href="{}" title="{}"{}{}>{}<span>{}</span>{}</a>',
        *(link.url, link.label, current, go, icon(link.icon), link.label, count),
    )


def _figure(count: int) -> str:
    """What waits behind a link: beyond a thousand nobody reads it, and some counts stop there."""
    return f"{number(MOST_TOLD)}+" if count > MOST_TOLD else number(count)


def _tabs(links: tuple[tuple[NavigationEntry, Link], ...]) -> tuple[Link, ...]:
    """Return the links of the phone's tab bar, beside which stands "More"."""
    chosen = sorted((entry.tab_order, place) for place, (entry, _) in enumerate(links) if entry.tab_order)
    return tuple(links[place][1] for _, place in chosen[:TAB_COUNT])
