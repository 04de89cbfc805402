"""What stewardship does when something happens elsewhere."""

from guanxi.stewardship.reactions import desk as desk
from guanxi.stewardship.reactions import handovers as handovers
from guanxi.stewardship.reactions import pools as pools
