"""Verbs about units, roles, people, sessions and tokens: one function, one transaction."""

from guanxi.platform.accounts.commands.mail import SEND_MAIL as SEND_MAIL
from guanxi.platform.accounts.commands.mail import ask_for_mail as ask_for_mail
from guanxi.platform.accounts.commands.organisation import create_unit as create_unit
from guanxi.platform.accounts.commands.organisation import define_role as define_role
from guanxi.platform.accounts.commands.people import NewUser as NewUser
from guanxi.platform.accounts.commands.people import Place as Place
from guanxi.platform.accounts.commands.people import activate_person as activate_person
from guanxi.platform.accounts.commands.people import change_password as change_password
from guanxi.platform.accounts.commands.people import create_user as create_user
from guanxi.platform.accounts.commands.people import deactivate_person as deactivate_person
from guanxi.platform.accounts.commands.people import invite_again as invite_again
from guanxi.platform.accounts.commands.people import invite_person as invite_person
from guanxi.platform.accounts.commands.people import place_person as place_person
from guanxi.platform.accounts.commands.people import remove_second_factors as remove_second_factors
from guanxi.platform.accounts.commands.policy import SignInPolicy as SignInPolicy
from guanxi.platform.accounts.commands.policy import change_sign_in_policy as change_sign_in_policy
from guanxi.platform.accounts.commands.sessions import clear_ended_sessions as clear_ended_sessions
from guanxi.platform.accounts.commands.sessions import end_other_sessions as end_other_sessions
from guanxi.platform.accounts.commands.sessions import end_session as end_session
from guanxi.platform.accounts.commands.sessions import note_session as note_session
from guanxi.platform.accounts.commands.tokens import TOKEN_USED_EVERY as TOKEN_USED_EVERY
from guanxi.platform.accounts.commands.tokens import create_token as create_token
from guanxi.platform.accounts.commands.tokens import note_token_use as note_token_use
from guanxi.platform.accounts.commands.tokens import revoke_token as revoke_token
