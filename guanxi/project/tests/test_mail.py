"""How mail leaves, and the settings of the sign-in that come from the configuration."""

from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.test import override_settings

from guanxi.kernel.errors import ConfigurationError
from guanxi.project.configuration import Configuration, load_configuration
from guanxi.project.mail import MailServer, mail_server


def configured(folder: Path, **values: str) -> Configuration:
    return load_configuration({"GUANXI_DATA": str(folder), **values}, folder)


def test_without_a_server_mails_are_files_that_nobody_else_reads(tmp_path: Path) -> None:
    server = mail_server(configured(tmp_path))
    folder = tmp_path / "run" / "mail"
    with override_settings(EMAIL_BACKEND=server.backend, EMAIL_FILE_PATH=folder):
        EmailMessage("Subject", "A link", "a@example.com", ["b@example.com"]).send()
    assert [path.read_text(encoding="utf-8").count("A link") for path in folder.iterdir()] == [1]
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "port", "has_tls", "has_starttls"),
    [
        ("smtps://me%40house:p%3Aw@mail.example", 465, True, False),
        ("smtp+starttls://me%40house:p%3Aw@mail.example:2525", 2525, False, True),
    ],
)
def test_a_server_is_named_by_its_address(
    url: str, port: int, has_tls: bool, has_starttls: bool, tmp_path: Path
) -> None:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    expected = MailServer(backend, "mail.example", port, "me@house", "p:w", has_tls, has_starttls)
    assert mail_server(configured(tmp_path, GUANXI_MAIL_URL=url)) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUANXI_MAIL_URL", "https://mail.example"),
        ("GUANXI_PUBLIC_URL", "crm.example.org"),
        ("GUANXI_PUBLIC_URL", "https://crm.example.org/deeper/"),
        ("GUANXI_OIDC_ISSUER", "http://login.example.org"),
        ("GUANXI_OIDC_ISSUER", "login.example.org"),
    ],
)
def test_what_cannot_be_used_is_refused(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(tmp_path, **{name: value})
    assert refused.value.code == "configuration.value"


def test_a_refused_mail_server_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(tmp_path, GUANXI_MAIL_URL="https://me:hidden-word@mail.example")
    assert "hidden-word" not in str(refused.value)


def test_the_provider_is_a_part_of_our_addresses(tmp_path: Path) -> None:
    issuer = "https://Login.example.org:8443/realms/house/"
    assert configured(tmp_path, GUANXI_OIDC_ISSUER=issuer).oidc_provider_id == "login-example-org-8443-realms-house"
