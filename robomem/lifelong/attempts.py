"""What was attempted: a task, the actions that were taken, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from robomem.errors import DataError
from robomem.lifelong.records import LONGEST_TEXT, Source, Trust, check_text, clean, finite_time

__all__ = ["ActionTaken", "Attempt", "shortened"]

LONGEST_PART = 2_000
MOST_ACTIONS = 1_000
Outcome = Literal["success", "failure"]


@dataclass(frozen=True)
class ActionTaken:
    """An action and what came of it.

    Attributes:
        action: ``"open the left drawer"``.
        success: whether it worked, None where nobody knows.
        feedback: what the environment answered.
    """

    action: str
    success: bool | None = None
    feedback: str = ""

    def __post_init__(self) -> None:
        _check_part("action", self.action, needed=True)
        _check_part("feedback", self.feedback)
        if self.success not in (True, False, None):
            raise DataError(f"Whether an action worked is true, false or unknown (None), not {self.success!r:.80}.")

    def __str__(self) -> str:
        ending = {True: "worked", False: "failed", None: ""}[self.success]
        said = ": ".join(part for part in (ending, clean(self.feedback)) if part)
        return f"{clean(self.action)} ({said})" if said else clean(self.action)


@dataclass(frozen=True)
class Attempt:
    """One try at a task.

    Attributes:
        task: what was asked for.
        actions: what was done, in order.
        outcome: ``"success"`` or ``"failure"``.
        time: when it ended.
        why: it failed, if that is known.
        world: where it was tried: a place, a scene.
        robot: who tried.
        source: where this comes from.

    Raises:
        DataError: there is no task, a text is too long or no valid Unicode, or the time is not finite.
    """

    task: str
    actions: tuple[ActionTaken, ...]
    outcome: Outcome
    time: float
    why: str = ""
    world: str = ""
    robot: str = ""
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        _check_part("task", self.task, needed=True)
        for what, text in (("why", self.why), ("world", self.world), ("robot", self.robot)):
            _check_part(what, text)
        if self.outcome not in ("success", "failure"):
            raise DataError(f"An attempt ends in 'success' or 'failure', not {self.outcome!r:.80}.")
        if len(self.actions) > MOST_ACTIONS:
            raise DataError(f"The attempt has {len(self.actions):,} actions; {MOST_ACTIONS:,} are kept. Split it.")
        for action in self.actions:
            if not isinstance(action, ActionTaken):
                raise DataError(f"Actions of an attempt are ActionTaken, not {type(action).__name__}.")
        finite_time(self.time)

    @property
    def headline(self) -> str:
        """What it is found by: the task, how it ended, and the actions that failed."""
        failed = dict.fromkeys(clean(one.action) for one in self.actions if one.success is False)
        parts = [clean(self.task), f"{self.outcome}: {clean(self.why)}" if clean(self.why) else self.outcome]
        return ". ".join([*parts, *(f"failed: {action}" for action in list(failed)[:3])])

    @property
    def text(self) -> str:
        """All of it in words; of very many actions the first and the last."""
        about = [f"Task: {clean(self.task)}."]
        about += [f"{name}: {clean(text)}." for name, text in (("World", self.world), ("Robot", self.robot)) if text]
        about.append(f"Outcome: {self.outcome}{f', {clean(self.why)}' if clean(self.why) else ''}.")
        done = shortened([str(one) for one in self.actions], LONGEST_TEXT - sum(map(len, about)) - 100)
        return " ".join([*about, f"Actions: {done}."] if self.actions else about)

    def details(self) -> dict[str, Any]:
        """Return its content as JSON values; ``of_details`` is the way back."""
        return {
            "task": clean(self.task),
            "actions": [[clean(one.action), one.success, clean(one.feedback)] for one in self.actions],
            "why": clean(self.why),
            "world": clean(self.world),
            "robot": clean(self.robot),
        }

    @classmethod
    def of_details(cls, details: Mapping[str, Any], outcome: Outcome, time: float, trust: Trust) -> Attempt:
        """Return the attempt that an item of kind ``"episode"`` keeps."""
        actions = tuple(ActionTaken(*one) for one in details["actions"])
        about = {name: str(details.get(name, "")) for name in ("why", "world", "robot")}
        return cls(details["task"], actions, outcome, time, source=Source(trust=trust), **about)


def shortened(parts: Sequence[str], limit: int) -> str:
    """Return parts joined by ``"; "``, at most ``limit`` characters: the middle ones are left out, and counted."""
    whole = "; ".join(parts)
    if len(whole) <= limit:
        return whole
    head: list[str] = []
    tail: list[str] = []
    room = limit - 40
    for index in range(len(parts)):  # first, last, second, second last, …
        part = parts[index // 2] if index % 2 == 0 else parts[-1 - index // 2]
        if len(part) + 2 > room:
            break
        room -= len(part) + 2
        (head if index % 2 == 0 else tail).append(part)
    left_out = len(parts) - len(head) - len(tail)
    return "; ".join([*head, f"… ({left_out} left out)", *reversed(tail)])[:limit]


def _check_part(what: str, text: str, *, needed: bool = False) -> None:
    check_text(text)
    if len(text) > LONGEST_PART:
        raise DataError(
            f"The {what} of an attempt has {len(text):,} characters; {LONGEST_PART:,} are kept. Shorten it."
        )
    if needed and not clean(text):
        raise DataError(f"The {what} of an attempt is empty.")
