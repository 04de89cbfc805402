"""What stewardship adds to cards, lists and navigation."""

from guanxi.stewardship.objects import handovers as handovers
