"""An invented customer with whom a wording can be tried, in each language of the wordings."""

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.engagement.rules.drafting import Draft, Place, draft, require_placeholders
from guanxi.engagement.rules.salutation import Person


@dataclass(frozen=True, slots=True)
class Sample:
    """The person addressed, and what fills the placeholders."""

    person: Person
    values: Mapping[str, str]


SAMPLES: Mapping[str, Sample] = {
    "zh": Sample(
        Person("顾", "明远", "总经理"),
        {"account": "岚川精密", "days": "47", "category": "过滤膜", "occasion": "生日", "day": "明天"},
    ),
    "en": Sample(
        Person("Smith", "Mary", "Ms"),
        {"account": "Lanchuan", "days": "47", "category": "filters", "occasion": "birthday", "day": "Tomorrow"},
    ),
}


def sample_draft(place: Place, *, body: str, user_name: str, company: str) -> Draft:
    """The message that a wording becomes for the sample customer. Raises: RuleViolation("template.placeholder")."""
    require_placeholders(body)
    sample = SAMPLES[place.language]
    return draft(
        place.reason,
        wordings={(place.reason, place.language, place.is_close): (body,)},
        person=sample.person,
        closeness=3 if place.is_close else 0,
        language=place.language,
        variant=1,
        values={**sample.values, "user_name": user_name, "company": company},
    )
