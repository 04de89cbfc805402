"""Drafting a message: salutation, wording, placeholders. Pure functions."""

from guanxi.engagement.rules.drafting import Draft as Draft
from guanxi.engagement.rules.drafting import Person as Person
from guanxi.engagement.rules.drafting import Piece as Piece
from guanxi.engagement.rules.drafting import Place as Place
from guanxi.engagement.rules.drafting import Wordings as Wordings
from guanxi.engagement.rules.drafting import draft as draft
from guanxi.engagement.rules.drafting import marked as marked
from guanxi.engagement.rules.drafting import require_placeholders as require_placeholders
from guanxi.engagement.rules.drafting import shipped_wording as shipped_wording
from guanxi.engagement.rules.drafting import shipped_wordings as shipped_wordings
from guanxi.engagement.rules.salutation import salutation as salutation
from guanxi.engagement.rules.sample import sample_draft as sample_draft
