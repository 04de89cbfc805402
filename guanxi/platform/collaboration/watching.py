"""What the security watch noticed, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guanxi.platform.accounts.models import NoticeKind, SecurityNotice
from guanxi.platform.ui import format as formats

SENTENCES: Mapping[str, str] = {
    NoticeKind.VIEWS: gettext_noop("%(who)s opened unusually many records today: %(count)s"),
    NoticeKind.VIEW_LIMIT: gettext_noop("%(who)s reached the daily limit of opened records: %(count)s"),
    NoticeKind.REVEALS: gettext_noop("%(who)s revealed unusually many protected values today: %(count)s"),
    NoticeKind.REVEAL_LIMIT: gettext_noop("%(who)s reached the daily limit of revealed values: %(count)s"),
    NoticeKind.EXPORTS: gettext_noop("%(who)s exported unusually many rows today: %(count)s"),
    NoticeKind.EXPORT_LIMIT: gettext_noop("%(who)s reached the daily limit of exported rows: %(count)s"),
    NoticeKind.FAILED: gettext_noop("Failed sign-ins of %(who)s today: %(count)s"),
    NoticeKind.TOKEN: gettext_noop("%(who)s made new API tokens today: %(count)s"),
}


def notice_words(notice: SecurityNotice, name: str) -> str:
    """A notice as a sentence; nobody's name is that of somebody unknown."""
    return _(SENTENCES[notice.kind]) % {"who": name or _("somebody unknown"), "count": formats.number(notice.count)}
