"""Tasks from seeds: what a person across the table might ask for, said in words, checked by code, stored as data."""
