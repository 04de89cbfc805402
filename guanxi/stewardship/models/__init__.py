"""The tables of stewardship."""

from guanxi.stewardship.models.duplicates import Twin as Twin
