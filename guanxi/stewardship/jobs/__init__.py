"""What stewardship does by night and in the background."""

from guanxi.stewardship.jobs import desk as desk
from guanxi.stewardship.jobs import duplicates as duplicates
from guanxi.stewardship.jobs import handovers as handovers
from guanxi.stewardship.jobs import pools as pools
from guanxi.stewardship.jobs import privacy as privacy
from guanxi.stewardship.jobs import retention as retention
