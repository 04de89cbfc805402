"""What the tests of the collaboration room play with: an account of Alice's, and signed-in members of the cast."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import translation

from guanxi.customers.models import Account


@pytest.fixture
def account(new_account: Callable[..., Account]) -> Account:
    """A customer of Alice's with a tax id, which nobody but Dora reads whole."""
    return new_account("岚川精密仪器", city="苏州")


@pytest.fixture(autouse=True)
def files_folder(tmp_path: Path, settings: LazySettings) -> Path:
    """A folder of files of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Words are those of the source."""
    with translation.override("en"):
        yield
