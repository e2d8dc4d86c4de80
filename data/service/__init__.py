"""Use cases, one verb each: a transaction, the rules, the audit line."""
