"""The verbs of stewardship."""

from guanxi.stewardship.commands.consent import record_consent as record_consent
from guanxi.stewardship.commands.duplicates import merge_twin as merge_twin
from guanxi.stewardship.commands.duplicates import part_twin as part_twin
from guanxi.stewardship.commands.duplicates import put_twin_off as put_twin_off
from guanxi.stewardship.commands.duplicates import reopen_twin as reopen_twin
from guanxi.stewardship.commands.handovers import Terms as Terms
from guanxi.stewardship.commands.handovers import give_items as give_items
from guanxi.stewardship.commands.handovers import hand_over as hand_over
from guanxi.stewardship.commands.handovers import hand_over_account as hand_over_account
from guanxi.stewardship.commands.handovers import open_case as open_case
from guanxi.stewardship.commands.handovers import split_case as split_case
from guanxi.stewardship.commands.handovers import undo_handover as undo_handover
from guanxi.stewardship.commands.owner_history import note_owners as note_owners
from guanxi.stewardship.commands.privacy import answer_request as answer_request
from guanxi.stewardship.commands.privacy import approve_erasure as approve_erasure
from guanxi.stewardship.commands.privacy import confirm_identity as confirm_identity
from guanxi.stewardship.commands.privacy import enter_request as enter_request
from guanxi.stewardship.commands.privacy import erase_subject as erase_subject
from guanxi.stewardship.commands.signing import check_case as check_case
from guanxi.stewardship.commands.signing import mark_told as mark_told
from guanxi.stewardship.commands.signing import refuse_item as refuse_item
from guanxi.stewardship.commands.signing import sign_item as sign_item
from guanxi.stewardship.commands.signing import sign_items as sign_items
