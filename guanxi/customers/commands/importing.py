"""Customers and the people at them from one sheet: what a row says beside the account itself."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext

from guanxi.customers.choices import AccountKind, CalendarType, DateType, PointType
from guanxi.customers.commands.contacts import name_contact
from guanxi.customers.commands.indexing import index_contacts
from guanxi.customers.events import MOST_KEYS_IN_EVENT, ExternalKeysAdded
from guanxi.customers.models import Account, Contact, ContactPoint, ExternalKey, ImportantDate
from guanxi.customers.rules import (
    CHINESE_NAME,
    YearlyDay,
    is_like_organisation,
    normalised_point,
    require_yearly_date,
    split_name,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.events.commands import publish
from guanxi.platform.objects.importing import PartLine, WrittenPart
from guanxi.platform.records.many import create_rows, trash_untouched
from guanxi.platform.search.commands import remove_records
from guanxi.platform.search.tokens import sort_key

CONTACT_NAME, CONTACT_TITLE, CONTACT_DEPARTMENT = "contact_name", "contact_title", "contact_department"
FAMILY_NAME, GIVEN_NAME, EXTERNAL_NUMBER = "family_name", "given_name", "external_number"
DATES = {"birthday": DateType.BIRTHDAY, "founded_on": DateType.FOUNDING}
POINTS = {"mobile": PointType.MOBILE, "phone": PointType.PHONE, "mail": PointType.MAIL}
REASON = "import: whether a record is there already does not depend on who asks"
ContactMark = tuple[int, str]


def may_write_points(actor: Actor) -> bool:
    """Whether the actor may add ways to reach customers."""
    if not may(actor, ContactPoint, Action.CREATE):
        return False
    return grant(actor, ContactPoint, Action.CREATE).field_access("value") >= FieldAccess.WRITE


def prepare_account(account: Account) -> None:
    """Work out the order of the name; a customer of no stated kind is what its name looks like."""
    account.name_key = sort_key(account.name)[:400]
    if not account.kind and account.name:
        is_organisation = is_like_organisation(account.name)
        account.kind = AccountKind.ORGANISATION if is_organisation else AccountKind.PERSON


def may_write_numbers(actor: Actor) -> bool:
    """Whether the actor may say under which numbers other systems know customers."""
    if not may(actor, ExternalKey, Action.CREATE):
        return False
    return grant(actor, ExternalKey, Action.CREATE).field_access("key") >= FieldAccess.WRITE


def may_write_dates(actor: Actor) -> bool:
    """Whether the actor may add days to remember."""
    return may(actor, ImportantDate, Action.CREATE)


def complete_account(values: dict[str, object]) -> None:
    """Make the name of a person from its halves; a customer of whom only a number is known is called by it."""
    halves = [str(values.pop(key, "")).strip() for key in (FAMILY_NAME, GIVEN_NAME)]
    if "name" in values or not (any(halves) or EXTERNAL_NUMBER in values):
        return
    family_name, given_name = halves
    name = family_name + given_name or str(values[EXTERNAL_NUMBER])
    values["name"] = name if not given_name or CHINESE_NAME.fullmatch(name) else f"{given_name} {family_name}".strip()
    values.setdefault("kind", AccountKind.PERSON.value)


def check_account_parts(parts: Mapping[str, object]) -> Mapping[str, str]:
    """What is wrong with numbers, addresses and days, in words by column."""
    found = {}
    for key in {*POINTS, *DATES} & parts.keys():
        try:
            if key in POINTS:
                normalised_point(POINTS[key], str(parts[key]))
            else:
                day = _day_of(parts[key])
                require_yearly_date(day.month, day.day, is_lunar=day.is_lunar, year=day.year)
        except RuleViolation as error:
            found[key] = gettext(error.sentence) % error.data
    return found


def new_account_parts(lines: Sequence[PartLine]) -> frozenset[int]:
    """The rows that name a contact, a number, an address or a day which the account does not have yet."""
    known_numbers = frozenset(_numbers(lines))
    contacts, fresh = _contacts([line for line in lines if CONTACT_NAME in line.parts])
    others = [line for line in lines if line.number not in fresh]
    points, dates = _points(others, contacts), _dates(others, contacts)
    return known_numbers.union(fresh, (number for number, _key in (*points, *dates)))


def write_account_parts(lines: Sequence[PartLine], actor: Actor) -> Sequence[WrittenPart]:
    """Add contacts, ways to reach them, days to remember, and numbers of other systems that accounts do not have yet.

    Raises: AccessDenied. Numbers, addresses and the birthday of a row without a contact are the account's own.
    """
    contacts, fresh_contacts = _contacts([line for line in lines if CONTACT_NAME in line.parts])
    create_rows(grant(actor, Contact, Action.CREATE), list(fresh_contacts.values()))
    fresh_points = _points(lines, contacts)
    create_rows(grant(actor, ContactPoint, Action.CREATE), list(fresh_points.values()))
    fresh_dates = _dates(lines, contacts)
    create_rows(grant(actor, ImportantDate, Action.CREATE), list(fresh_dates.values())) if fresh_dates else None
    index_contacts(sorted({contact.pk for contact in contacts.values()}))
    numbers = _numbers(lines)
    ExternalKey.objects.bulk_create(numbers.values())
    for system in sorted({row.system for row in numbers.values()}):
        names = tuple(row.key for row in numbers.values() if row.system == system)
        publish(ExternalKeysAdded(system=system, keys=names if len(names) <= MOST_KEYS_IN_EVENT else ()))
    return [
        *(WrittenPart(number, "contact", row.pk, row.version) for number, row in fresh_contacts.items()),
        *(WrittenPart(number, "contact_point", row.pk, row.version) for (number, _kind), row in fresh_points.items()),
        *(WrittenPart(number, "important_date", row.pk, row.version) for (number, _key), row in fresh_dates.items()),
        *(WrittenPart(number, "external_key", row.pk, 1) for number, row in numbers.items()),
    ]


def take_account_parts_back(versions: Mapping[str, Mapping[int, int]], actor: Actor) -> Mapping[str, set[int]]:
    """Put those contacts, ways to reach them and days into the trash that nobody changed since; take numbers away.

    Raises: AccessDenied.
    """
    gone = {
        "contact": trash_untouched(grant(actor, Contact, Action.EDIT), versions.get("contact", {})),
        "contact_point": trash_untouched(grant(actor, ContactPoint, Action.EDIT), versions.get("contact_point", {})),
        "important_date": trash_untouched(grant(actor, ImportantDate, Action.EDIT), versions.get("important_date", {})),
        "external_key": set(versions.get("external_key", {})),
    }
    ExternalKey.objects.filter(Among("pk", sorted(gone["external_key"]))).delete()
    remove_records("contact", gone["contact"])
    return gone


def accounts_of_numbers(system: str, numbers: Sequence[str]) -> Mapping[str, int]:
    """The accounts that a system knows under these numbers, by number; those in the trash are left out."""
    rows = ExternalKey.objects.filter(system=system, key__in=list(numbers), account__trashed_at__isnull=True)
    return dict(rows.values_list("key", "account_id"))


def _numbers(lines: Sequence[PartLine]) -> dict[int, ExternalKey]:
    """The numbers of another system that are new, by row; one query."""
    told = {line.number: (line.system, str(line.parts.get(EXTERNAL_NUMBER, "")).strip()) for line in lines}
    keys, systems = {key for _system, key in told.values() if key}, {system for system, _key in told.values()}
    rows = ExternalKey.objects.filter(system__in=systems, key__in=keys) if keys else ()
    known = {(row.system, row.key) for row in rows}
    found: dict[int, ExternalKey] = {}
    for line in lines:
        system, key = told[line.number]
        if key and (system, key) not in known:
            known.add((system, key))
            found[line.number] = ExternalKey(system=system, key=key, account_id=line.record.pk)
    return found


def _contacts(lines: Sequence[PartLine]) -> tuple[dict[int, Contact], dict[int, Contact]]:
    """The contact that each row names, and those of them that are new; one query."""
    accounts = {line.record.pk for line in lines}
    rows = unscoped(Contact, reason=REASON).filter(account__in=accounts, trashed_at__isnull=True).order_by("-pk")
    known: dict[ContactMark, Contact] = {(row.account_id, row.name): row for row in rows} if accounts else {}
    named: dict[int, Contact] = {}
    fresh: dict[int, Contact] = {}
    for line in lines:
        contact = _contact(line)
        mark = (contact.account_id, contact.name)
        if mark not in known:
            known[mark] = fresh[line.number] = contact
        named[line.number] = known[mark]
    return named, fresh


def _contact(line: PartLine) -> Contact:
    family_name, given_name = split_name(str(line.parts[CONTACT_NAME]))
    contact = Contact(
        account_id=line.record.pk,
        family_name=family_name,
        given_name=given_name,
        title=str(line.parts.get(CONTACT_TITLE, "")),
        department=str(line.parts.get(CONTACT_DEPARTMENT, "")),
    )
    name_contact(contact)
    return contact


def _points(lines: Sequence[PartLine], contacts: Mapping[int, Contact]) -> dict[tuple[int, str], ContactPoint]:
    """The new ways to reach contacts or accounts, by row and kind; one query."""
    accounts = {line.record.pk for line in lines}
    rows = unscoped(ContactPoint, reason=REASON).filter(account__in=accounts, trashed_at__isnull=True)
    known: set[tuple[int, int | None, str]] = set(rows.values_list("account_id", "contact_id", "normalised"))
    found: dict[tuple[int, str], ContactPoint] = {}
    for line in lines:
        contact = contacts.get(line.number)
        contact_id = contact.pk if contact is not None else None
        for key, kind in POINTS.items():
            value = str(line.parts.get(key, "")).strip()
            mark = (line.record.pk, contact_id, normalised_point(kind, value) if value else "")
            if value and mark not in known:
                known.add(mark)
                point = ContactPoint(account_id=mark[0], contact_id=mark[1], type=kind.value, value=value)
                point.normalised = mark[2]
                found[line.number, key] = point
    return found


def _dates(lines: Sequence[PartLine], contacts: Mapping[int, Contact]) -> dict[tuple[int, str], ImportantDate]:
    """The new days to remember, by row and column; one query. An organisation's founding day is its own."""
    told = [(line, key) for line in lines for key in DATES if key in line.parts]
    accounts = {line.record.pk for line, _key in told}
    rows = unscoped(ImportantDate, reason=REASON).filter(account__in=accounts, trashed_at__isnull=True)
    kept = ("account_id", "contact_id", "type", "calendar", "month", "day")
    known: set[tuple[object, ...]] = set(rows.values_list(*kept)) if told else set()
    found: dict[tuple[int, str], ImportantDate] = {}
    for line, key in told:
        contact = contacts.get(line.number) if DATES[key] is DateType.BIRTHDAY else None
        day = _day_of(line.parts[key])
        entry = ImportantDate(
            account_id=line.record.pk,
            contact_id=contact.pk if contact is not None else None,
            type=DATES[key].value,
            calendar=(CalendarType.LUNAR if day.is_lunar else CalendarType.SOLAR).value,
            month=day.month,
            day=day.day,
            year=day.year,
        )
        mark = tuple(getattr(entry, name) for name in kept)
        if mark not in known:
            known.add(mark)
            found[line.number, key] = entry
    return found


def _day_of(value: object) -> YearlyDay:
    """A cell as a day to remember: a day of the calendar is one of its year."""
    if isinstance(value, date):
        return YearlyDay(value.month, value.day, value.year)
    if not isinstance(value, YearlyDay):
        raise TypeError(f"{value!r} is no day.")
    return value
