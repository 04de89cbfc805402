"""What planning contributes to accounts, to the steward's desk, and to the bell."""

from guanxi.planning.objects import accounts as accounts
from guanxi.planning.objects import desk as desk
from guanxi.planning.objects import topics as topics
