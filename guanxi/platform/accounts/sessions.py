"""Sessions in the database, ended at once; the one query that every request asks brings the user and all rights along.

The cookie holds a key, the database only its digest: a copy of the database signs nobody in.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

from guanxi.platform.accounts.models import Session, User
from guanxi.platform.accounts.queries import OpenSession, open_session
from guanxi.platform.accounts.rules import digest_of

LONGEST_ADDRESS = 60
LONGEST_BROWSER = 300


class SessionStore(DatabaseSessionStore):
    """Django's sessions of the database with our own rows: whose, since when, seen when, from where."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._found: OpenSession | None = None
        self.address = ""
        self.browser = ""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The rows."""
        return Session

    @property
    def digest(self) -> str:
        """The digest of the key, under which the row is kept; "" without a key."""
        return digest_of(self.session_key) if self.session_key else ""

    def found(self) -> OpenSession | None:
        """The row as this request found it; None without one."""
        if not self.accessed:
            self.get(SESSION_KEY)
        return self._found

    def found_user(self) -> User | None:
        """The active user of the row with all rights; None when nobody is signed in."""
        found = self.found()
        return found.user if found else None

    def come_from(self, *, address: str, browser: str) -> None:
        """Say where this request comes from; it is written with a session that begins here."""
        self.address, self.browser = address[:LONGEST_ADDRESS], browser[:LONGEST_BROWSER]

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        """The row of these data."""
        now = timezone.now()
        user_id, found = data.get(SESSION_KEY), self._found
        return Session(
            session_key=self.digest,
            session_data=self.encode(dict(data)),
            expire_date=self.get_expiry_date(),
            user_id=int(user_id) if user_id else None,
            created_at=found.created_at if found else now,
            seen_at=now,
            address=self.address,
            browser=self.browser,
        )

    def exists(self, session_key: str) -> bool:
        """Whether a key is taken."""
        return Session.objects.filter(pk=digest_of(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        """End the session of a key, or this one."""
        key = session_key or self.session_key
        self._found = None
        if key:
            Session.objects.filter(pk=digest_of(key)).delete()

    def _get_session_from_db(self) -> Any:
        """The open session of this key as Django's store reads it; without one the key is forgotten."""
        key = self.session_key or ""
        self._found = open_session(self.digest) if key.isalnum() else None
        if self._found is None:
            self._session_key = None
            return None
        return Session(session_key=self.digest, session_data=self._found.data)
