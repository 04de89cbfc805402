"""Of whom a link to the preference page can be made."""

from dataclasses import dataclass

from guanxi.customers.facade import account_grant, contact_grant
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.registry import listed_object


@dataclass(frozen=True, slots=True)
class LinkSubject:
    """A contact or a customer; only of a person a link can be made."""

    name: str
    url: str
    is_person: bool


def subject_of(object_key: str, record_id: int, actor: Actor, right: Action) -> LinkSubject:
    """Whom a record is about, for who has a right to it. Raises: NotFound, AccessDenied."""
    is_contact = object_key == "contact"
    record = contact_grant(actor).live(record_id) if is_contact else account_grant(actor).live(record_id)
    permission = contact_grant(actor, right) if is_contact else account_grant(actor, right)
    if not permission.queryset().filter(pk=record_id).exists():
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action=right.value)
    detail = listed_object(object_key).detail_url
    url = detail(record_id) if detail is not None else record_url(object_key, record_id)
    return LinkSubject(str(record), url, is_contact or getattr(record, "kind", "") == "person")
