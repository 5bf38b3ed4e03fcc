"""The database under a memory: tables, transactions, facts with both their times, search."""
