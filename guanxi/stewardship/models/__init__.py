"""The tables of stewardship."""

from guanxi.stewardship.models.consent import ConsentRecord as ConsentRecord
from guanxi.stewardship.models.duplicates import Twin as Twin
from guanxi.stewardship.models.privacy import Erasure as Erasure
from guanxi.stewardship.models.privacy import SubjectRequest as SubjectRequest
