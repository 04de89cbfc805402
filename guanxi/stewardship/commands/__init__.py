"""The verbs of stewardship."""

from guanxi.stewardship.commands.duplicates import merge_twin as merge_twin
from guanxi.stewardship.commands.duplicates import part_twin as part_twin
from guanxi.stewardship.commands.duplicates import put_twin_off as put_twin_off
from guanxi.stewardship.commands.duplicates import reopen_twin as reopen_twin
