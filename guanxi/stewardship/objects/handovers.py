"""Handovers."""

from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.stewardship.models import HandoverItem, OwnerPeriod

register_belongings(Belonging(OwnerPeriod, "", "account", "account"), Belonging(HandoverItem, "", "account", "account"))
