"""Fixtures that must stand before those of the plugins, and the cast that all tests share."""

import pytest

from guanxi.platform.database.layout import Layout
from tests.cast import cast as cast
from tests.cast import new_account as new_account


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: Layout) -> None:
    """Have the server run before pytest-django creates the test database."""
