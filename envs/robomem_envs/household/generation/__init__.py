"""Tasks from seeds: what a person might ask for in an apartment, said in words, checked by code, stored as data."""
