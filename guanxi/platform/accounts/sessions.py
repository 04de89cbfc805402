"""Sessions in the database, revocable at once; read by a prepared statement, for every request reads one."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from guanxi.platform.access.prepared import Prepared, Slot

_LIVE_SESSION: Prepared[None] = Prepared(
    lambda _: Session.objects.filter(session_key=Slot("key"), expire_date__gt=Slot("now"))
)


class SessionStore(DatabaseSessionStore):
    """Django's sessions of the database."""

    def _get_session_from_db(self) -> Session | None:
        """The live session of this key; without one the key is forgotten, as Django does it."""
        key = self.session_key or ""
        found: list[Session] = _LIVE_SESSION(None, key=key, now=timezone.now()) if key.isalnum() else []
        if not found:
            self._session_key = None
            return None
        return found[0]
