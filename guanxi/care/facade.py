"""What other capabilities may ask of care, and add to it."""

from guanxi.care.adapters.occasions import Knowledge as Knowledge
from guanxi.care.adapters.occasions import OccasionProvider as OccasionProvider
from guanxi.care.adapters.occasions import register_occasions as register_occasions
from guanxi.care.analyses.calendar import is_rest_day as is_rest_day
from guanxi.care.commands import log_contact as log_contact
from guanxi.care.commands import plan_day as plan_day
from guanxi.care.commands import refresh_rhythms as refresh_rhythms
from guanxi.care.queries import NextContact as NextContact
from guanxi.care.queries import next_contacts as next_contacts
from guanxi.care.rules import Occasion as Occasion
