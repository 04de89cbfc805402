"""Pure functions of the ledger: the SQL that checks rows, and the published schemas, made from the
vocabulary.
"""
