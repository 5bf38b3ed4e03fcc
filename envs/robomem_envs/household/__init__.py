"""Apartments in which a mobile manipulator tidies, cooks and fetches: the suites household, rearrange and navigate."""
