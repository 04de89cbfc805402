"""The verbs of stewardship."""

from guanxi.stewardship.commands.consent import record_consent as record_consent
from guanxi.stewardship.commands.duplicates import merge_twin as merge_twin
from guanxi.stewardship.commands.duplicates import part_twin as part_twin
from guanxi.stewardship.commands.duplicates import put_twin_off as put_twin_off
from guanxi.stewardship.commands.duplicates import reopen_twin as reopen_twin
from guanxi.stewardship.commands.privacy import answer_request as answer_request
from guanxi.stewardship.commands.privacy import approve_erasure as approve_erasure
from guanxi.stewardship.commands.privacy import enter_request as enter_request
from guanxi.stewardship.commands.privacy import erase_subject as erase_subject
