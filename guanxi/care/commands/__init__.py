"""The verbs of care."""

from guanxi.care.commands.contact import leave_queues as leave_queues
from guanxi.care.commands.contact import log_contact as log_contact
from guanxi.care.commands.contact import note_facts as note_facts
from guanxi.care.commands.deciding import complete_row as complete_row
from guanxi.care.commands.deciding import reject_row as reject_row
from guanxi.care.commands.deciding import snooze_row as snooze_row
from guanxi.care.commands.deciding import take_more as take_more
from guanxi.care.commands.deciding import undo_row as undo_row
from guanxi.care.commands.handing import hand_rows_over as hand_rows_over
from guanxi.care.commands.handing import waiting_rows as waiting_rows
from guanxi.care.commands.planning import plan_day as plan_day
from guanxi.care.commands.planning import refresh_rhythms as refresh_rhythms
from guanxi.care.commands.settings import change_setting as change_setting
from guanxi.care.commands.settings import reset_account_cadence as reset_account_cadence
from guanxi.care.commands.settings import reset_cadence as reset_cadence
from guanxi.care.commands.settings import set_account_cadence as set_account_cadence
from guanxi.care.commands.settings import set_cadence as set_cadence
