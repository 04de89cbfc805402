"""The verbs of the portal."""

from guanxi.portal.commands.confirming import CONFIRM_MAIL as CONFIRM_MAIL
from guanxi.portal.commands.confirming import Click as Click
from guanxi.portal.commands.confirming import confirm as confirm
from guanxi.portal.commands.files import count_sent_files as count_sent_files
from guanxi.portal.commands.files import erase_sent_files as erase_sent_files
from guanxi.portal.commands.forms import FormContent as FormContent
from guanxi.portal.commands.forms import FormSettings as FormSettings
from guanxi.portal.commands.forms import create_form as create_form
from guanxi.portal.commands.forms import edit_form as edit_form
from guanxi.portal.commands.preferences import Choices as Choices
from guanxi.portal.commands.preferences import ask_as_subject as ask_as_subject
from guanxi.portal.commands.preferences import make_link as make_link
from guanxi.portal.commands.preferences import save_choices as save_choices
from guanxi.portal.commands.submissions import Received as Received
from guanxi.portal.commands.submissions import discard as discard
from guanxi.portal.commands.submissions import forget_discarded as forget_discarded
from guanxi.portal.commands.submissions import receive as receive
from guanxi.portal.commands.submissions import release as release
from guanxi.portal.commands.submissions import undo_discard as undo_discard
from guanxi.portal.commands.taking_in import take_in as take_in
