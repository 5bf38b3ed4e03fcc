"""The suite ``manipulate``: a Panda at a table, moved by seven integers (after EB-Manipulation)."""
