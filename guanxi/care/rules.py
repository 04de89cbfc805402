"""Intervals, lateness, urgency and priority. Pure functions over plain values; the priors are stated here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import log
from statistics import NormalDist, median

from guanxi.care.choices import Answer, CadenceReason, Tone
from guanxi.kernel.errors import RuleViolation

DEFAULT_CADENCES = {"S": (14, 21), "A": (21, 30), "B": (35, 60), "C": (60, 90), "D": (120, 180)}
CADENCE_WITHOUT_GRADE = DEFAULT_CADENCES["C"]
LEAST_GAPS = 3
MAXIMUM_OF_RHYTHM = 1.5
LEAST_RHYTHM_DAYS = 7
DEFAULT_SPREAD = 0.5
LEAST_SPREAD = 0.1
URGENCY_CAP = 6.0
HAZARD_CAP = 3.0
"""A long silence says no more than this: beyond it the gaps tell nothing about who is still there."""

FALL_POINTS = 3.0
FALL_DEVIATIONS = 2.0
MAD_TO_DEVIATION = 1.4826
POINTS_PER_URGENCY = 2.0

DATE_AHEAD_DAYS = 3
DATE_URGENCY = (5.0, 4.0, 3.0, 2.0)
REPLENISHMENT_AHEAD_DAYS = 3

BASE_RISK = 0.02
"""Prior: the share of a year's margin that contact at the usual moment saves or brings."""
DEFAULT_MARGIN_SHARE = 0.25
"""Prior: margin per amount where no cost is known."""
COST_PER_MINUTE = 1.5
"""Prior: what a minute of an account manager costs, in ¥."""
FREQUENCY_CAP_DAYS = 5
"""At most one contact in so many days, over all channels, people's own contacts included."""
ANSWER_FACTORS = {
    Answer.WRONG_REASON: 0.4,
    Answer.WRONG_TIME: 0.8,
    Answer.WRONG_CHANNEL: 1.0,
    Answer.ALREADY_HANDLED: 0.7,
    Answer.NO_INTEREST: 0.3,
}
"""What one answer does to the chance of the same reason for the same customer; it fades within
ANSWER_DAYS."""
ANSWER_DAYS = 90
MOST_DAYS_LATER = 90
LONGEST_CADENCE_DAYS = 730
MOST_CONTACTS_PER_DAY = 200
MINUTES_OF_A_DAY = 24 * 60
GRADE_ORDER = "SABCD"


@dataclass(frozen=True, slots=True)
class Cadence:
    """Wanted interval between contacts in days."""

    ideal_days: int
    maximum_days: int


@dataclass(frozen=True, slots=True)
class CadenceOverrides:
    """The wanted intervals that people set: by grade, by account id, and of accounts by the strategy of their class."""

    grades: Mapping[str, Cadence] = field(default_factory=dict)
    accounts: Mapping[int, Cadence] = field(default_factory=dict)
    classes: Mapping[int, Cadence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """One person's day: contacts and minutes it holds, working hours, and the hours in which nobody is called."""

    contacts_per_day: int = 24
    minutes_per_day: int = 300
    works_from_hour: int = 9
    works_to_hour: int = 20
    quiet_from_hour: int = 12
    quiet_to_hour: int = 14


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reason to contact one customer. `evidence` holds the plain values its sentence is made of.

    `urgency` multiplies the usual risk; `share` is the part of the customer's margin that is in question.
    """

    account_id: int
    reason: str
    urgency: float
    tone: Tone = Tone.PLANNED
    evidence: dict[str, object] = field(default_factory=dict)
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Fall:
    """A falling index: points lost, the family that lost most and its part, the grades if one was lost."""

    points: float
    family: str
    family_points: float
    is_grade_lost: bool


def default_cadence(grade: str) -> Cadence:
    """The interval that the product comes with, for a grade or for an account without one."""
    return Cadence(*DEFAULT_CADENCES.get(grade, CADENCE_WITHOUT_GRADE))


def require_cadence(cadence: Cadence) -> None:
    """Check an interval that a person wants. Raises: RuleViolation("cadence.range" | "cadence.order")."""
    if not (1 <= cadence.ideal_days <= LONGEST_CADENCE_DAYS and cadence.maximum_days <= LONGEST_CADENCE_DAYS):
        raise RuleViolation("cadence.range", "An interval is 1 to %(days)s days long.", days=LONGEST_CADENCE_DAYS)
    if cadence.maximum_days < cadence.ideal_days:
        raise RuleViolation("cadence.order", "The longest interval must not be shorter than the wanted one.")


def require_working_day(day: WorkingDay) -> None:
    """Check a person's capacity and hours. Raises: RuleViolation("working_day.capacity" | "working_day.hours")."""
    if not (1 <= day.contacts_per_day <= MOST_CONTACTS_PER_DAY and 1 <= day.minutes_per_day <= MINUTES_OF_A_DAY):
        raise RuleViolation("working_day.capacity", "A day holds 1 to %(most)s contacts.", most=MOST_CONTACTS_PER_DAY)
    if not 0 <= day.works_from_hour < day.works_to_hour <= 24:
        raise RuleViolation("working_day.hours", "The working hours must end after they begin.")
    if not 0 <= day.quiet_from_hour <= day.quiet_to_hour <= 24:
        raise RuleViolation("working_day.hours", "The quiet hours must not end before they begin.")


def cadence_for(
    grade: str, *, rhythm_days: float, overrides: CadenceOverrides, account_id: int | None = None
) -> Cadence:
    """The wanted interval, as `reasoned_cadence` gives it."""
    return reasoned_cadence(grade, rhythm_days=rhythm_days, overrides=overrides, account_id=account_id)[0]


def reasoned_cadence(
    grade: str, *, rhythm_days: float, overrides: CadenceOverrides, account_id: int | None = None
) -> tuple[Cadence, CadenceReason]:
    """The wanted interval and what it comes from: the account's own rule, the strategy of its class, its grade's rule.

    A customer's own rhythm only shortens the interval of class or grade: who is used to more contact is not given less.
    """
    own = overrides.accounts.get(account_id) if account_id is not None else None
    if own:
        return own, CadenceReason.OWN
    of_class = overrides.classes.get(account_id) if account_id is not None else None
    usual = of_class or overrides.grades.get(grade) or default_cadence(grade)
    if LEAST_RHYTHM_DAYS <= rhythm_days < usual.ideal_days:
        return Cadence(round(rhythm_days), round(rhythm_days * MAXIMUM_OF_RHYTHM)), CadenceReason.RHYTHM
    return usual, CadenceReason.CLASS if of_class else CadenceReason.GRADE


def tone_of(days: int, *, cadence: Cadence) -> Tone:
    """Grey until the ideal interval, orange past it, red past the maximum."""
    if days > cadence.maximum_days:
        return Tone.PAST_MAXIMUM
    return Tone.PAST_IDEAL if days > cadence.ideal_days else Tone.PLANNED


def relative_hazard(days: float, *, median_days: float, spread: float) -> float:
    """Risk gathered by `days` of silence, as a multiple of that at the median gap (1 there), at most
    HAZARD_CAP.

    Method: gaps are log-normal with the given median and standard deviation of the logarithm; the cumulative
    hazard −ln S(t) divided by ln 2. It only rises with lateness, unlike the log-normal's hazard rate. Source:
    Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, 2002, §2.2.
    """
    if days <= 0 or median_days <= 0:
        return 0.0
    survival = 1.0 - NormalDist().cdf(log(days / median_days) / max(spread, LEAST_SPREAD))
    return HAZARD_CAP if survival <= 2.0**-HAZARD_CAP else -log(survival) / log(2.0)


def fall_of(
    trend: tuple[float, ...],
    *,
    change: float | None,
    effects: tuple[tuple[str, float], ...],
    grade: str,
    former_grade: str,
) -> Fall | None:
    """The alert of a falling index, or None.

    It falls when it lost more than FALL_POINTS points in 30 days and more than FALL_DEVIATIONS robust
    deviations of its usual steps, or when a grade was lost together with points. `effects` are (family,
    points), worst first.
    """
    if change is None or change >= 0 or not effects or effects[0][1] >= 0:
        return None
    is_grade_lost = _is_below(grade, former_grade)
    if not (is_grade_lost or -change > max(FALL_POINTS, FALL_DEVIATIONS * usual_step(trend))):
        return None
    family, family_points = effects[0]
    return Fall(-change, family, family_points, is_grade_lost)


def usual_step(trend: tuple[float, ...]) -> float:
    """The robust standard deviation of a trend's steps: 1.4826 × median absolute deviation; 0 below 3
    steps."""
    steps = [later - earlier for earlier, later in pairwise(trend)]
    if len(steps) < 3:
        return 0.0
    middle = median(steps)
    return MAD_TO_DEVIATION * median(abs(step - middle) for step in steps)


def _is_below(grade: str, former_grade: str) -> bool:
    known = bool(grade) and bool(former_grade)
    return known and GRADE_ORDER.index(grade) > GRADE_ORDER.index(former_grade)


def money_at_stake(*, margin: float, amount: float) -> float:
    """A year's margin in ¥; where no cost is known, the stated share of the amount."""
    return max(margin, 0.0) or max(amount, 0.0) * DEFAULT_MARGIN_SHARE


def priority(*, stake: float, share: float, urgency: float, chance: float, minutes: int) -> float:
    """Expected gain of a contact less the cost of the time, in ¥.

    Method: stake × share × BASE_RISK × urgency × chance − minutes × COST_PER_MINUTE.
    """
    return stake * share * BASE_RISK * urgency * chance - minutes * COST_PER_MINUTE


def chance_after(chance: float, *, answers: tuple[tuple[str, int], ...]) -> float:
    """The chance after a customer's answers to the same reason: (answer, days ago). Each fades linearly."""
    for answer, days_ago in answers:
        weight = max(0.0, 1.0 - days_ago / ANSWER_DAYS)
        chance *= 1.0 - weight * (1.0 - ANSWER_FACTORS.get(Answer(answer), 1.0))
    return chance


def snooze_until(day: date, *, days: int) -> date:
    """The day on which a row put off comes back. Raises: RuleViolation("row.later") beyond MOST_DAYS_LATER."""
    if not 1 <= days <= MOST_DAYS_LATER:
        raise RuleViolation("row.later", "Choose a day from tomorrow to %(days)s days ahead.", days=MOST_DAYS_LATER)
    return day + timedelta(days=days)
