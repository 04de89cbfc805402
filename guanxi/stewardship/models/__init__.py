"""The tables of stewardship."""

from guanxi.stewardship.models.handovers import HandoverCase as HandoverCase
from guanxi.stewardship.models.handovers import HandoverItem as HandoverItem
from guanxi.stewardship.models.handovers import HandoverReceiver as HandoverReceiver
from guanxi.stewardship.models.handovers import OwnerPeriod as OwnerPeriod
