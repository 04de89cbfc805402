"""The tags of the demo company's customers, and which customer has which."""

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.platform.customfields.models import TagColour
from guanxi.platform.customfields.tag_commands import make_tag
from guanxi.platform.records.values import CUSTOM, TAGS

VOCABULARY = (
    ("VIP", "VIP", TagColour.PRIM),
    ("展会线索", "From a fair", TagColour.CLOSER),
    ("老板朋友", "Friend of the boss", TagColour.PLAIN),
    ("续约风险", "Renewal at risk", TagColour.AWAY),
    ("可做案例", "Reference", TagColour.OK),
)
OF_FIRMS = ((7, "VIP"), (5, "展会线索"), (11, "续约风险"), (9, "可做案例"), (23, "老板朋友"))
OF_PEOPLE = ((12, "VIP"), (40, "老板朋友"))
"""Every so many customers have the tag."""


def make_vocabulary(actor: Actor) -> dict[str, str]:
    """Make the tags of customers. Returns their keys by Chinese name."""
    made = (make_tag(Account, name_zh=zh, name_en=en, colour=colour, actor=actor) for zh, en, colour in VOCABULARY)
    return {tag.name_zh: tag.key for tag in made}


def tag_new(account: Account, place: int, *, keys: dict[str, str]) -> None:
    """Give a customer that is about to be loaded the tags of its place."""
    shares = OF_FIRMS if account.kind == "organisation" else OF_PEOPLE
    held = [keys[name] for share, name in shares if place % share == 0]
    if held:
        setattr(account, CUSTOM, {TAGS: held})
