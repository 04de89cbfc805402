"""What is worked out without the database: digests of secrets, what a browser says of itself in words."""

from dataclasses import dataclass
from hashlib import sha256

# What a browser is called, by the word in its own description; the first that is found counts.
BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("wxwork/", "WeCom"),
    ("DingTalk/", "DingTalk"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser/", "QQ Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
HANDHELD = frozenset({"HarmonyOS", "iPhone", "iPad", "Android"})


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser in words: its name and its system, "" for what is not known."""

    name: str
    system: str

    @property
    def is_handheld(self) -> bool:
        """Whether it runs on a phone or a tablet."""
        return self.system in HANDHELD


def digest_of(secret: str) -> str:
    """The SHA-256 digest under which a secret is kept, as 64 hexadecimal digits."""
    return sha256(secret.encode()).hexdigest()


def browser_of(description: str) -> Browser:
    """What a browser's own description (its user agent) says in words."""
    return Browser(_first_word(BROWSERS, description), _first_word(SYSTEMS, description))


def _first_word(words: tuple[tuple[str, str], ...], description: str) -> str:
    return next((word for mark, word in words if mark in description), "")
