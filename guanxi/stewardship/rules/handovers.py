"""How the customers of somebody who leaves or moves are split among colleagues, and what customers are told.

Method: the longest-processing-time rule. Customers are given out one by one, the most valuable first, each to the
colleague who carries the least then: a share of the number and a share of the value count alike.
Source: R. L. Graham, Bounds on multiprocessing timing anomalies, SIAM Journal on Applied Mathematics 17 (1969).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

HOME_SHARE = 0.5
CHECKED_AFTER_DAYS = 30
UNDO_DAYS = 30
SOON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Portion:
    """One customer to be given out: `value` is money of twelve months, `known_by` contacts by a colleague's id."""

    account_id: int
    value: float = 0.0
    region: str = ""
    known_by: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A colleague who takes customers over.

    `number` and `value` are what the colleague looks after already, `regions` how many of them by region; `capacity` is
    how many more there may be, None for any number.
    """

    user_id: int
    number: int = 0
    value: float = 0.0
    regions: Mapping[str, int] = field(default_factory=dict)
    capacity: int | None = None


class _Loads:
    """What each colleague carries while customers are given out."""

    def __init__(self, portions: Sequence[Portion], receivers: Sequence[Receiver]) -> None:
        self.receivers = {item.user_id: item for item in receivers}
        self.number = {item.user_id: float(item.number) for item in receivers}
        self.value = {item.user_id: item.value for item in receivers}
        self.left = {item.user_id: item.capacity for item in receivers}
        self.all_number = sum(self.number.values()) + len(portions) or 1.0
        self.all_value = sum(self.value.values()) + sum(item.value for item in portions) or 1.0

    def open_ones(self) -> list[int]:
        """Those who may take one more, by id."""
        return sorted(user_id for user_id, left in self.left.items() if left is None or left > 0)

    def lightest(self, user_ids: Iterable[int]) -> int:
        """Who of them carries the least; of two alike the one with the lower id."""
        return min(user_ids, key=lambda user_id: (self.of(user_id), user_id))

    def of(self, user_id: int) -> float:
        """The share of all customers and of all value that a colleague carries, 0 to 2."""
        return self.number[user_id] / self.all_number + self.value[user_id] / self.all_value

    def give(self, portion: Portion, user_id: int) -> None:
        """Give a customer to a colleague."""
        self.number[user_id] += 1
        self.value[user_id] += portion.value
        left = self.left[user_id]
        if left is not None:
            self.left[user_id] = left - 1


def split(portions: Sequence[Portion], receivers: Sequence[Receiver], *, method: str) -> Mapping[int, int | None]:
    """Who takes over whom: colleague by account id, None where nobody may take any more.

    `method` is "load", "region" (first those who look after customers there) or "affinity" (first who knows the
    customer best). The same input gives the same split, in whatever order it comes.
    """
    loads = _Loads(portions, receivers)
    found: dict[int, int | None] = {}
    for portion in sorted(portions, key=lambda item: (-item.value, item.account_id)):
        fit = _fitting(portion, loads, method=method)
        chosen = loads.lightest(fit) if fit else None
        found[portion.account_id] = chosen
        if chosen is not None:
            loads.give(portion, chosen)
    return found


def _fitting(portion: Portion, loads: _Loads, *, method: str) -> list[int]:
    """Those who come first for a customer, of those who may take one more."""
    able = loads.open_ones()
    match method:
        case "region":
            known = {user_id: loads.receivers[user_id].regions.get(portion.region, 0) for user_id in able}
            least = HOME_SHARE * max(known.values(), default=0)
        case "affinity":
            known = {user_id: portion.known_by.get(user_id, 0) for user_id in able}
            least = max(known.values(), default=0)
        case _:
            return able
    return [user_id for user_id, count in known.items() if count and count >= least] or able


def loads_after(receivers: Sequence[Receiver], given: Iterable[tuple[int | None, float]]) -> Mapping[int, Receiver]:
    """What each colleague carries once they have what they are given, (colleague, value) each."""
    numbers: Counter[int] = Counter()
    values: defaultdict[int, float] = defaultdict(float)
    for user_id, value in given:
        if user_id is not None:
            numbers[user_id] += 1
            values[user_id] += value
    return {
        item.user_id: Receiver(item.user_id, item.number + numbers[item.user_id], item.value + values[item.user_id])
        for item in receivers
    }


MESSAGES: Mapping[str, str] = {
    "zh": (
        "{greeting}我是{company}的{receiver}。{person}的工作有了调整，从今天起由我为{account}服务，"
        "之前约定的事情我都已接过来。您有任何需要，随时找我就好。"
    ),
    "en": (
        "{greeting}This is {receiver} of {company}. {person} has passed the care of {account} on to me as of today, "
        "and everything that was agreed stays agreed. Whenever you need something, I'm the one to ask."
    ),
}
GREETINGS: Mapping[tuple[str, bool], str] = {
    ("zh", True): "{name}您好，",
    ("zh", False): "您好，",
    ("en", True): "Dear {name},\n\n",
    ("en", False): "Hello,\n\n",
}
SUBJECTS: Mapping[str, str] = {
    "zh": "{company}：今后由{receiver}为您服务",
    "en": "{company}: {receiver} looks after you from now on",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """The names that a message to a customer needs; `addressee` is how the customer is addressed, "" if unknown."""

    addressee: str
    account: str
    person: str
    receiver: str
    company: str


def message_text(names: Naming, *, language: str) -> str:
    """What the customer is told, in "zh" or "en"."""
    greeting = GREETINGS[language, bool(names.addressee)].format(name=names.addressee)
    return MESSAGES[language].format(
        greeting=greeting,
        account=names.account,
        person=names.person,
        receiver=names.receiver,
        company=names.company,
    )


def message_subject(names: Naming, *, language: str) -> str:
    """The subject of the mail to the customer."""
    return SUBJECTS[language].format(company=names.company, receiver=names.receiver)
