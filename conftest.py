"""Fixtures that must stand before those of the plugins, and the cast that all tests share."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches

from guanxi.platform.access.policy import use_policy
from guanxi.platform.database.layout import Layout
from tests.cast import cast as cast
from tests.cast import new_account as new_account
from tests.cast import sign_in as sign_in


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: Layout) -> None:
    """Have the server run before pytest-django creates the test database."""


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hash passwords quickly: what takes long on purpose would be most of the suite's time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """No test sees what another test's process kept."""
    caches["process"].clear()
    use_policy(None)
    yield
    caches["process"].clear()
    use_policy(None)
