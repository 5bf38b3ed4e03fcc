"""Times as people write them."""

from __future__ import annotations

from datetime import datetime

from robomem.errors import ConfigError, DataError
from robomem.lifelong.records import finite_time

__all__ = ["parse_time", "shown_time"]


def parse_time(text: str) -> float:
    """Return the seconds since 1970 of ``"2026-09-28T13:00"`` (local unless it says otherwise) or ``"1790602200"``.

    Raises:
        ConfigError: it is neither.
    """
    try:
        return finite_time(float(text))
    except DataError as error:
        raise ConfigError(str(error)) from error
    except ValueError:
        pass
    try:
        return finite_time(datetime.fromisoformat(text).timestamp())
    except (DataError, ValueError, OverflowError, OSError) as error:
        raise ConfigError(
            f"{text!r} is no time. Write it in ISO form, 2026-09-28T13:00 or with +02:00 after it, or as seconds since "
            "1970."
        ) from error


def shown_time(seconds: float | None) -> str:
    """Return a time in local ISO form, ``""`` for none."""
    if seconds is None:
        return ""
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a year that calendars do not show
        return f"{seconds:.0f} s"
