"""Accounts, contacts, contact points, dates, classifications and external keys."""
