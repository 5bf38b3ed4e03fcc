"""How a run shows that it lives: a line that moves in a terminal, a log line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

__all__ = ["Progress"]

_log = logging.getLogger(__name__)
_EVERY_S = 10.0
_REDRAW_S = 0.2


class Progress:
    """Steps, steps per second, what is going well, time left.

    Args:
        total: steps of the whole run.
        begin: steps that an earlier process did.
        title: what is trained.
        shown: False where another process shows it.
    """

    def __init__(self, total: int, begin: int, title: str, shown: bool = True) -> None:
        self.total, self.begin, self.title, self.shown = total, begin, title, shown
        self.note = ""
        self._started = time.monotonic()
        self._shown = self._started
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if self.shown and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}% {task.fields[rate]} {task.fields[note]}"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), redirect_stdout=False)
            self._bar.start()
            self._task = self._bar.add_task(self.title, total=self.total, completed=self.begin, rate="", note="")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, step: int, note: str | None = None) -> None:
        """Show that ``step`` steps are done; ``note`` says how well it goes, e.g. ``success 0.81``."""
        if note is not None:
            self.note = note
        now = time.monotonic()
        if not self.shown or now - self._shown < (_EVERY_S if self._bar is None else _REDRAW_S):
            return
        self._shown = now
        rate = (step - self.begin) / max(now - self._started, 1e-9)
        if self._bar is not None:
            self._bar.update(self._task, completed=step, rate=f"{_short(rate)} steps/s", note=self.note)
        else:
            left = _duration((self.total - step) / rate) if rate > 0 else "?"
            done = f"{step} of {self.total} steps ({step / self.total:.0%})"
            _log.info(
                "%s: %s, %s steps/s, %s left%s",
                self.title,
                done,
                _short(rate),
                left,
                f", {self.note}" * bool(self.note),
            )


def _short(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.2g}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
