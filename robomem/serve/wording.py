"""What the texts of EmbodiedBench's planners say (Yang et al. 2025, arXiv 2502.09560).

Its planners of 2025 and of 2026 word the history differently. All of these are read:

    Step 0, action id 3, find a mug, env feedback: …       (2025)
    Step 0, action id 3 (find a mug), env feedback: …      (2026, where an action is known by its number)
    Step 0, action find a mug, env feedback: …             (2026, where it is known by its name)
    Step 0, the output action **[57, 61, 20, 0, 60, 60, 1]**, env feedback: …       (manipulation, with a chat history)
    Output gripper actions: [[57, 61, 20, 0, 60, 60, 1], 'env feedback'],           (manipulation, without)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from robomem.embodied import Action, Executed
from robomem.serve.errors import RequestError

__all__ = ["coordinates", "history", "instruction", "is_manipulation", "skills"]

MAX_SKILLS = 5_000

_SKILL = re.compile(r"^[ \t]*action id (\d{1,6}): ([^\n]{1,300}?),?[ \t]*$", re.MULTILINE)
_INSTRUCTION = re.compile(
    r"human instruction(?: is)?: ([^\n]{1,4000}?)\.?[ \t]*(?=\nInput: |$|You are supposed to|To achieve the task)",
    re.IGNORECASE | re.MULTILINE,
)
_TOLD = re.compile(r"human instruction is: |^human instruction: [^\n]*\nInput: ", re.IGNORECASE | re.MULTILINE)
_STEP = re.compile(r"^[ \t]*Step \d{1,6}, (?:the output )?action ([^\n]{1,9000})$", re.MULTILINE)
_KNOWN = re.compile(r"id (-?\d{1,6})(?:, (.*)| \((.*)\))?")
_GRIPPER = re.compile(r"gripper action|list of 7 integers", re.IGNORECASE)
_INPUT = re.compile(r"^Input: (\{[^\n]{0,20000}\})[ \t]*$", re.MULTILINE)
_SPOT = re.compile(r"['\"]([^'\"]{1,80})['\"]: (?:array\()?\[([^\]]{0,200})\]")
_PAIR = re.compile(r"\[\[([^\[\]\n]{1,200})\], (?:'((?:[^'\\\n]|\\.){0,4000})'|\"((?:[^\"\\\n]|\\.){0,4000})\")\]")


def skills(text: str) -> tuple[str, ...]:
    """Return the name of each action in the first list of them, by id."""
    names: list[str] = []
    for number, name in _SKILL.findall(text):
        if int(number) != len(names):
            if names:
                break  # a later list, such as one in an example
            continue
        names.append(name.strip())
    if len(names) > MAX_SKILLS:
        raise RequestError(f"More than {MAX_SKILLS:,} actions.")
    return (*names[:-1], names[-1].rstrip(".")) if names else ()


def instruction(text: str) -> str:
    """Return the last instruction as a person said it, with the full stop that the planners take away; else ``""``."""
    places = [found.start() for found in _TOLD.finditer(text)]
    found = _INSTRUCTION.search(text, places[-1]) if places else None
    said = found[1].strip() if found else ""
    return said if not said or said[-1] in ".!?" else f"{said}."


def is_manipulation(text: str) -> bool:
    """Return whether a text speaks of the gripper's numbers."""
    return bool(_GRIPPER.search(text))


def coordinates(text: str) -> dict[str, list[int]]:
    """Return where things are, as the last ``Input: {'object 1': [x, y, z], …}`` says; empty if none does."""
    told = _INPUT.findall(text)
    spots = {name: _integers(numbers) for name, numbers in _SPOT.findall(told[-1])} if told else {}
    return {name: spot for name, spot in spots.items() if len(spot) == 3}


def history(text: str, names: Sequence[str]) -> tuple[Executed, ...]:
    """Return what was done in this episode, oldest first.

    Args:
        text: of the last message.
        names: of each action, by id.
    """
    _, told, after = text.rpartition("action history:")
    if told:
        return tuple(_step(done, names) for done in _STEP.findall(after))
    _, told, after = text.rpartition("Output gripper actions:")
    return tuple(_pair(*found) for found in _PAIR.findall(after)) if told else ()


def _step(done: str, names: Sequence[str]) -> Executed:
    action, _, feedback = done.partition(", env feedback: ")
    action, feedback = action.strip(), feedback.strip()
    worked = "invalid" not in feedback.lower()
    if re.match(r"\*\*\W*\d|id \[", action):
        return Executed(Action(tuple(_integers(action))), worked, feedback)
    known = _KNOWN.fullmatch(action)
    if known:
        return Executed(Action(int(known[1]), (known[2] or known[3] or "").strip()), worked, feedback)
    return Executed(Action(names.index(action) if action in names else -1, action), worked, feedback)


def _pair(numbers: str, single: str, double: str) -> Executed:
    feedback = re.sub(r"\\(.)", r"\1", single or double).strip()
    return Executed(Action(tuple(_integers(numbers))), "invalid" not in feedback.lower(), feedback)


def _integers(text: str) -> list[int]:
    """Return the numbers in a list as Python or numpy writes it, such as ``np.int64(57), 61.0``."""
    return [round(float(number)) for number in re.findall(r"-?\d{1,6}(?:\.\d{1,6})?", re.sub(r"[a-z]\w*", "", text))]
