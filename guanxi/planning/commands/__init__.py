"""The verbs of planning."""

from guanxi.planning.commands.desk import put_right as put_right
from guanxi.planning.commands.drafts import begin_draft as begin_draft
from guanxi.planning.commands.drafts import confirm_briefing as confirm_briefing
from guanxi.planning.commands.drafts import publish_plan as publish_plan
from guanxi.planning.commands.drafts import sign_off as sign_off
from guanxi.planning.commands.drafts import submit_plan as submit_plan
from guanxi.planning.commands.drafts import take_back as take_back
from guanxi.planning.commands.items import add_item as add_item
from guanxi.planning.commands.items import edit_item as edit_item
from guanxi.planning.commands.items import restore_items as restore_items
from guanxi.planning.commands.items import retire_items as retire_items
from guanxi.planning.commands.items import set_need as set_need
from guanxi.planning.commands.phases import set_market_phase as set_market_phase
from guanxi.planning.commands.places import place_id as place_id
from guanxi.planning.commands.ready import start_ready_plan as start_ready_plan
from guanxi.planning.commands.scoring import refresh_completeness as refresh_completeness
from guanxi.planning.commands.scoring import refresh_some as refresh_some
from guanxi.planning.commands.scoring import verify_item as verify_item
