"""What other capabilities may ask about channels and messages."""

from guanxi.engagement.queries import kept_wordings as kept_wordings
from guanxi.engagement.rules import Draft as Draft
from guanxi.engagement.rules import Person as Person
from guanxi.engagement.rules import Wordings as Wordings
from guanxi.engagement.rules import draft as draft
from guanxi.engagement.rules.salutation import salutation as salutation
