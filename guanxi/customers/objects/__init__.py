"""Customers as objects, and what stands on their cards."""

from guanxi.customers.objects import classes as classes
from guanxi.customers.objects import relations as relations
from guanxi.customers.objects.accounts import ACCOUNT as ACCOUNT
from guanxi.customers.objects.accounts import CONTACT as CONTACT
from guanxi.customers.objects.accounts import account_url as account_url
