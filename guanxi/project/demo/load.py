"""Loading the demo company: people, accounts, then facts through the ordinary ingest, then indices and queues."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from django.db import connection
from django.utils import timezone

from guanxi.care.commands import plan_day, refresh_rhythms
from guanxi.catalog.commands import ProductRow, load_catalog
from guanxi.customers.commands import AccountBatch, add_external_keys, load_accounts
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands import ingest_file, record_competitor_promotion
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.models import CompetitorPromotion
from guanxi.platform.accounts.models import User
from guanxi.platform.events.commands import settle
from guanxi.platform.lake.refresh import refresh_dataset
from guanxi.project.demo import business, names, retail
from guanxi.project.demo.classes import sort_firms
from guanxi.project.demo.company import Company, found_company
from guanxi.project.demo.desk import fill_desk
from guanxi.project.demo.forms import add_forms
from guanxi.project.demo.gifts import give_gifts
from guanxi.project.demo.handovers import add_handovers
from guanxi.project.demo.logged import log_visits
from guanxi.project.demo.office import connect_office
from guanxi.project.demo.outside import ask_outside
from guanxi.project.demo.planning import load_plan
from guanxi.project.demo.pools import fill_pools
from guanxi.project.demo.privacy import add_privacy_requests, add_privacy_settings
from guanxi.project.demo.relatives import add_relationships
from guanxi.project.demo.twins import add_twins
from guanxi.project.demo.vocabulary import make_vocabulary, tag_new
from guanxi.value.commands import freeze_reference, refresh_all, snapshot_past
from guanxi.value.rules import TREND_DAYS

SEED = 20260101
WORKED_OUT = (
    *(
        "care.follow_classes",
        "care.note_recorded",
        "value.refresh_touched_accounts",
        "value.refresh_regrouped_accounts",
    ),
    *("planning.score_accounts_of_parts", "planning.score_accounts_with_facts", "planning.score_changed_accounts"),
    *("planning.score_new_account", "stewardship.follow_facts"),
)
"""Reactions that work out anew what has been worked out for all customers by the time the plan is loaded."""
Report = Callable[[str], None]
Counter = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demo company consists of."""

    accounts: int
    facts: int
    has_retail: bool


def load_demo(*, actor: Actor, report: Report, count: Counter) -> Loaded:
    """Make the demo company in an empty installation. `count(done, total)` follows the facts.

    Steps: 1 org tree and people, 2 catalog, 3 accounts, 4 facts by ingest, 5 lake, reference, indices, 6 classes by
    grade and queues, 7 information plan, 8 the steward's desk, 9 handovers. Web forms and gifts come before step 5.
    """
    today = timezone.localdate()
    folder = retail.data_folder()
    report("Company and people")
    company = found_company(actor)
    report("Products")
    load_products(folder, actor=actor)
    report("Customers")
    batch, keys = _accounts(company, folder=folder, today=today)
    tags = make_vocabulary(actor)
    for place, account in enumerate(batch.accounts):
        tag_new(account, place, keys=tags)
    load_accounts(batch, actor=actor)
    for system, pairs in keys.items():
        add_external_keys(system, [(key, account.pk) for key, account in pairs], actor=actor)
    _record_promotions(today, actor=actor)
    with TemporaryDirectory() as target:
        facts = _load_facts(
            Path(target), keys=keys, folder=folder, today=today, actor=actor, report=report, count=count
        )
    _measure_tables()
    _fill_cards(company, batch, today=today, actor=actor, report=report)
    compute_indices(today, actor=actor, report=report)
    report("Classes")
    sort_firms(batch.accounts, actor=actor)
    plan_queues(today, actor=actor, report=report)
    _measure_tables()
    _set_to_work(company, batch, today=today, actor=actor, report=report)
    return Loaded(len(batch.accounts), facts, folder is not None)


def _measure_tables() -> None:
    """Let the database know how full its tables are now: by itself it would look later, and count slowly until then."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill_cards(company: Company, batch: AccountBatch, *, today: date, actor: Actor, report: Report) -> None:
    """What stands on cards beside the ledger, and customers who came by themselves; all that indices may count."""
    report("Back office")
    connect_office([account for account in batch.accounts if account.kind == "organisation"], today=today, actor=actor)
    report("Visits that people logged")
    log_visits(batch.accounts, today=today)
    report("Relationships")
    add_relationships(batch.accounts, batch.contacts, actor=actor)
    report("Duplicates")
    add_twins(batch.accounts, actor=actor)
    add_privacy_requests(batch.accounts, actor=actor)
    add_privacy_settings(company, batch.accounts)
    report("Outside sources")
    ask_outside(batch.accounts, actor=actor)
    report("Web forms")
    add_forms(company, batch.accounts, batch.contacts, actor=actor)
    give_gifts(batch.accounts, batch.contacts, today=today, actor=actor)


def _set_to_work(company: Company, batch: AccountBatch, *, today: date, actor: Actor, report: Report) -> None:
    """Pools, plan, the steward's desk and handovers, as they stand on an ordinary day."""
    report("Pools")
    fill_pools(company, today=today, actor=actor)
    report("Information plan")
    load_plan(today, actor=actor)
    settle(WORKED_OUT)
    report("Steward's desk")
    fill_desk(batch.accounts, today=today, actor=actor)
    report("Handovers")
    add_handovers(company, batch.accounts, today=today)


def compute(today: date, *, actor: Actor, report: Report) -> None:
    """Lake, reference, the year's snapshots, today's indices and queues."""
    compute_indices(today, actor=actor, report=report)
    plan_queues(today, actor=actor, report=report)


def compute_indices(today: date, *, actor: Actor, report: Report) -> None:
    """Lake, reference, the year's snapshots and today's indices."""
    report("Lake")
    refresh_dataset(FACTS)
    report("Value indices of twelve months")
    freeze_reference(today, actor=actor, in_force_from=today - timedelta(days=2 * max(TREND_DAYS)))
    snapshot_past([today - timedelta(days=days) for days in TREND_DAYS[:-1]])
    refresh_all(today, actor=actor)


def plan_queues(today: date, *, actor: Actor, report: Report) -> None:
    """Rhythms and today's queues."""
    report("Today's queues")
    refresh_rhythms(today, actor=actor)
    plan_day(today, actor=actor)


def load_products(folder: Path | None, *, actor: Actor) -> None:
    """The catalog of the firms, and that of the shop where its data is installed."""
    categories = [(key, name, business.ENGLISH[key]) for key, name, _ in business.CATALOG]
    products: list[ProductRow] = [
        (code, name, business.ENGLISH[code], key, price, "service" if key == "services" else "goods", "")
        for key, _, members in business.CATALOG
        for code, name, price in members
    ]
    if folder is not None:
        rows = retail.products(folder)
        categories += sorted({(row.category.lower()[:80], row.category_zh, row.category.title()) for row in rows})
        products += [
            (row.code, row.category_zh, row.name.title(), row.category.lower()[:80], None, "goods", row.brand)
            for row in rows
        ]
    load_catalog(categories, products=products, actor=actor)


def _accounts(
    company: Company, *, folder: Path | None, today: date
) -> tuple[AccountBatch, dict[str, list[tuple[str, Account]]]]:
    """Firms and households with people, numbers and dates; and the keys under which outside systems know them."""
    random = Random(SEED)
    batch = AccountBatch([], [], [], [], [])
    keys: dict[str, list[tuple[str, Account]]] = {business.SYSTEM: [], retail.SYSTEM: []}
    for place in range(business.FIRMS):
        owner = company.managers[place % len(company.managers)]
        account = add_firm(batch, random, owner=owner, today=today)
        keys[business.SYSTEM].append((f"F{place:05}", account))
    for household in retail.households(folder) if folder else ():
        owner = company.managers[household.number % len(company.managers)]
        account = add_person(batch, random, owner=owner, today=today, note=_household_note(household))
        keys[retail.SYSTEM].append((str(household.number), account))
    return batch, keys


def add_firm(batch: AccountBatch, random: Random, *, owner: User, today: date) -> Account:
    """Add an invented firm with one to five contacts."""
    firm = names.firm_name(random)
    region, city = random.choice(names.PLACES)
    account = Account(
        kind="organisation",
        relation_id=random.choices(("customer", "partner", "channel", "supplier", "media"), (88, 4, 4, 2, 2))[0],
        name=firm.name,
        short_name=firm.short,
        industry=firm.industry,
        size=random.choice(("20–99", "100–499", "500–999", "1,000+")),
        region=region,
        city=city,
        credit_rating=random.choice(("AAA", "AA", "AA", "A", "A", "BBB")),
        tax_id=f"9132{random.randrange(10**13):013}X",
        source=random.choice(("展会", "转介绍", "官网", "电话")),
        since_on=today - timedelta(days=random.randint(200, 3000)),
        owner=owner,
        unit_id=owner.unit_id,
    )
    batch.accounts.append(account)
    for place in range(random.randint(1, 5)):
        _add_contact(batch, random, account=account, place=place, today=today)
    if random.random() < 0.3:
        founded = today - timedelta(days=random.randint(2000, 9000))
        batch.dates.append(
            ImportantDate(account=account, type="founding", year=founded.year, month=founded.month, day=founded.day)
        )
    return account


def add_person(batch: AccountBatch, random: Random, *, owner: User, today: date, note: str = "") -> Account:
    """Add an invented person as a customer, with a mobile number and mostly a birthday."""
    name = names.person_name(random)
    region, city = random.choice(names.PLACES)
    account = Account(
        kind="person",
        relation_id="customer",
        name=name.full,
        region=region,
        city=city,
        source=random.choice(("门店", "会员卡", "小程序")),
        since_on=today - timedelta(days=random.randint(370, 2600)),
        note=note,
        owner=owner,
        unit_id=owner.unit_id,
    )
    batch.accounts.append(account)
    consent = random.choices(("given", "unknown", "withdrawn"), (70, 25, 5))[0]
    _add_mobile(batch, random, account=account, contact=None, consent=consent)
    if random.random() < 0.8:
        _add_birthday(batch, random, account=account, contact=None, today=today)
    if random.random() < 0.15:
        batch.traits.append(Trait(account=account, kind="hobby", text=random.choice(names.HOBBIES)))
    return account


def _add_contact(batch: AccountBatch, random: Random, *, account: Account, place: int, today: date) -> None:
    name = names.person_name(random)
    contact = Contact(
        account=account,
        family_name=name.family,
        given_name=name.given,
        title=random.choice(names.TITLES),
        department=random.choice(names.DEPARTMENTS),
        decision_role=random.choice(("decides", "influences", "uses", "gatekeeper")) if place else "decides",
        closeness=random.choices((0, 1, 2, 3), (5, 40, 35, 20))[0],
        is_main=place == 0,
    )
    batch.contacts.append(contact)
    _add_mobile(batch, random, account=account, contact=contact, consent=random.choice(("given", "given", "unknown")))
    if random.random() < 0.35:
        _add_birthday(batch, random, account=account, contact=contact, today=today)
    if random.random() < 0.25:
        is_taboo = random.random() < 0.4
        text = random.choice(names.TABOOS if is_taboo else names.HOBBIES)
        batch.traits.append(Trait(account=account, contact=contact, kind="taboo" if is_taboo else "hobby", text=text))


def _add_mobile(
    batch: AccountBatch, random: Random, *, account: Account, contact: Contact | None, consent: str
) -> None:
    number = names.mobile(random)
    batch.points.append(
        ContactPoint(
            account=account,
            contact=contact,
            type="mobile",
            value=number,
            normalised=f"+86{number}",
            is_preferred=True,
            receives_sms=True,
            consent=consent,
        )
    )


def _add_birthday(
    batch: AccountBatch, random: Random, *, account: Account, contact: Contact | None, today: date
) -> None:
    is_lunar = random.random() < 0.4
    day = random.randint(1, 29 if is_lunar else 28)
    batch.dates.append(
        ImportantDate(
            account=account,
            contact=contact,
            type="birthday",
            calendar="lunar" if is_lunar else "solar",
            year=today.year - random.randint(22, 68),
            month=random.randint(1, 12),
            day=day,
        )
    )


def _household_note(household: retail.Household) -> str:
    known = (("Age", household.age), ("Income", household.income), ("Household", household.size))
    return " · ".join(f"{label} {value}" for label, value in known if value)


def _record_promotions(today: date, *, actor: Actor) -> None:
    """Three promotions of competitors, so that steadfastness has something to say."""
    for competitor, keys, start, length, depth in (
        ("衡测仪器", ["consumables"], 150, 21, "0.150"),
        ("城南量贩", ["soft drinks", "beef", "cheese"], 95, 14, "0.200"),
        ("衡测仪器", ["instruments", "spares"], 60, 20, "0.120"),
    ):
        start_on = today - timedelta(days=start)
        promotion = CompetitorPromotion(
            competitor=competitor,
            category_keys=keys,
            start_on=start_on,
            end_on=start_on + timedelta(days=length),
            depth=depth,
            source="客户经理观察",
        )
        record_competitor_promotion(promotion, actor=actor)


def _load_facts(
    target: Path,
    *,
    keys: dict[str, list[tuple[str, Account]]],
    folder: Path | None,
    today: date,
    actor: Actor,
    report: Report,
    count: Counter,
) -> int:
    random = Random(SEED + 1)
    report("Orders, surveys, events of firms")
    firms = business.write_rows(_firm_rows(random, keys[business.SYSTEM], today=today), target=target / "firms.parquet")
    contacts = business.write_rows(_contact_rows(random, keys, today=today), target=target / "contacts.parquet")
    files = [("erp", firms), ("phone", contacts)]
    if folder is not None:
        report("Real retail transactions")
        files += [("till", path) for path in retail.write_facts(folder, today=today, target=target)]
    report("Ledger")
    recorded = 0
    for source, path in files:
        result = ingest_file(path, source=source, progress=count, actor=actor)
        recorded += result.counts.recorded
    return recorded


def _firm_rows(random: Random, firms: Sequence[tuple[str, Account]], *, today: date) -> Iterator[dict[str, object]]:
    for key, _ in firms:
        yield from business.firm_facts(random, business.firm_traits(random, key=key), today=today)


def _contact_rows(
    random: Random, keys: dict[str, list[tuple[str, Account]]], *, today: date
) -> Iterator[dict[str, object]]:
    for system, gap in ((business.SYSTEM, 26.0), (retail.SYSTEM, 95.0)):
        for key, account in keys[system]:
            owner_id = account.owner_id
            if owner_id is not None:
                rhythm = gap * random.lognormvariate(0, 0.35)
                yield from business.contact_facts(
                    random, key=key, owner_id=owner_id, gap_days=rhythm, today=today, system=system
                )
