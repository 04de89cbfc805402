"""What planning contributes to accounts and to the steward's desk."""

from guanxi.planning.objects import accounts as accounts
from guanxi.planning.objects import desk as desk
