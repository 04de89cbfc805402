"""How mail leaves: by the server of the configuration, or as files in the data folder."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from guanxi.project.configuration import Configuration

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Django's settings for mail. Without a server mails are files: a log would keep what only its reader may see."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    has_tls: bool = False
    has_starttls: bool = False


def mail_server(configuration: Configuration) -> MailServer:
    """Return the mail server that the configuration names."""
    if not configuration.mail_url:
        return MailServer("guanxi.platform.accounts.mail_folder.EmailBackend")
    split = urlsplit(configuration.mail_url)
    return MailServer(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=split.hostname or "",
        port=split.port or PORTS[split.scheme],
        user=unquote(split.username or ""),
        password=unquote(split.password or ""),
        has_tls=split.scheme == "smtps",
        has_starttls=split.scheme == "smtp+starttls",
    )
