"""The tables of stewardship."""

from guanxi.stewardship.models.consent import ConsentRecord as ConsentRecord
from guanxi.stewardship.models.desk import FieldConflict as FieldConflict
from guanxi.stewardship.models.desk import PutOff as PutOff
from guanxi.stewardship.models.desk import QualityDay as QualityDay
from guanxi.stewardship.models.duplicates import Twin as Twin
from guanxi.stewardship.models.handovers import HandoverCase as HandoverCase
from guanxi.stewardship.models.handovers import HandoverItem as HandoverItem
from guanxi.stewardship.models.handovers import HandoverReceiver as HandoverReceiver
from guanxi.stewardship.models.handovers import OwnerPeriod as OwnerPeriod
from guanxi.stewardship.models.notices import NoticeEdition as NoticeEdition
from guanxi.stewardship.models.pools import AccountLock as AccountLock
from guanxi.stewardship.models.pools import HoldingLimit as HoldingLimit
from guanxi.stewardship.models.pools import HoldingTerm as HoldingTerm
from guanxi.stewardship.models.pools import Pool as Pool
from guanxi.stewardship.models.pools import PoolEntry as PoolEntry
from guanxi.stewardship.models.pools import RecycleRule as RecycleRule
from guanxi.stewardship.models.pools import RecycleRun as RecycleRun
from guanxi.stewardship.models.privacy import Erasure as Erasure
from guanxi.stewardship.models.privacy import SubjectRequest as SubjectRequest
from guanxi.stewardship.models.restraints import LegalHold as LegalHold
from guanxi.stewardship.models.restraints import Restriction as Restriction
from guanxi.stewardship.models.retention import RetentionDryRun as RetentionDryRun
from guanxi.stewardship.models.retention import RetentionRule as RetentionRule
from guanxi.stewardship.models.retention import RetentionRun as RetentionRun
