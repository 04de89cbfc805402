"""What the tests of the collaboration room play with: an account of Alice's, and signed-in members of the cast."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.utils import translation

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.models import User

SignIn = Callable[[Actor], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Sign a member of the cast in; pages answer in English."""

    def signed_in(actor: Actor) -> Client:
        assert actor.user_id is not None
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
        client.cookies["django_language"] = "en"
        return client

    return signed_in


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
