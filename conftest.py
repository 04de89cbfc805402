"""Fixtures that must stand before those of the plugins."""

import pytest

from guanxi.platform.database.layout import Layout


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: Layout) -> None:
    """Have the server run before pytest-django creates the test database."""
