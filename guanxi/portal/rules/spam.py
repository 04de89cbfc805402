"""What looks like spam, told from the text and the clock alone; nobody outside is asked."""

import re
from collections.abc import Mapping

from guanxi.portal.choices import SpamSign

LEAST_SECONDS = 3
"""Nobody fills in a form faster."""

MOST_AGE_SECONDS = 24 * 3600
MOST_LINKS = 1
LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:ru|xyz|top|click|site|online|shop)\b", re.IGNORECASE)
MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|\[/?(?:url|link|img)[^\]]*\]", re.IGNORECASE)
LEAST_REPEATED = 3


def spam_signs(
    answers: Mapping[str, str], *, trap: str, age_seconds: float, is_one_of_many: bool
) -> tuple[SpamSign, ...]:
    """What makes a submission look like spam; () when nothing does.

    `answers` by the key of the field, `trap` what stands in the field that people do not see, `age_seconds` how long
    the page had been open.
    """
    text = "\n".join(answer for key, answer in answers.items() if key != "website")
    filled = [answer for answer in answers.values() if answer]
    found = (
        (SpamSign.TRAP, bool(trap)),
        (SpamSign.FAST, age_seconds < LEAST_SECONDS),
        (SpamSign.LINKS, len(LINK.findall(text)) > MOST_LINKS),
        (SpamSign.MARKUP, bool(MARKUP.search(text))),
        (SpamSign.MANY, is_one_of_many),
        (SpamSign.REPEATED, len(filled) >= LEAST_REPEATED and len(set(filled)) == 1),
    )
    return tuple(sign for sign, holds in found if holds)
