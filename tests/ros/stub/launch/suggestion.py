"""What was meant by a name that does not exist."""

import difflib
from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the closest known name as the end of an error message, else all of them."""
    known = sorted(known)
    if close := difflib.get_close_matches(name, known, n=1):
        return f"; did you mean '{close[0]}'?"
    return f"; there are {known}" if known else "; there are none"
