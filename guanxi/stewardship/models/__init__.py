"""The tables of stewardship."""

from guanxi.stewardship.models.duplicates import Twin as Twin
from guanxi.stewardship.models.pools import AccountLock as AccountLock
from guanxi.stewardship.models.pools import HoldingLimit as HoldingLimit
from guanxi.stewardship.models.pools import HoldingTerm as HoldingTerm
from guanxi.stewardship.models.pools import Pool as Pool
from guanxi.stewardship.models.pools import PoolEntry as PoolEntry
from guanxi.stewardship.models.pools import RecycleRule as RecycleRule
from guanxi.stewardship.models.pools import RecycleRun as RecycleRun
