"""What was done lately: a short buffer of step summaries, whose oldest are compressed to one (arXiv 2508.01415)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from robomem.errors import ConfigError
from robomem.lifelong.module import Changes, Queries, StepTaken
from robomem.lifelong.records import LONGEST_TEXT, Observation, clean
from robomem.lifelong.roles import Compressor
from robomem.lifelong.store.steps import StepEntry, clear_steps, compress_steps, push_step, working_steps
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["Compression", "RuleCompressor", "TemporalMemory"]

_FAILURE = re.compile(
    r"\b(fail\w*|cannot|can't|could not|couldn't|did not|didn't|not|nothing|stuck|error|unable|refused)\b", re.I
)
_TIMES = re.compile(r"^(.*) \(x(\d+)\)$", re.S)
_LEFT_OUT = re.compile(r"^\((\d+) earlier left out\)$")


@dataclass(frozen=True)
class Compression:
    """The oldest entries and the text that is to take their place.

    Attributes:
        ids: of the entries, oldest first; none where the buffer is not full.
        text: instead of theirs.
        notes: what was wrong with an answer.
    """

    ids: tuple[int, ...] = ()
    text: str = ""
    notes: tuple[str, ...] = ()


class RuleCompressor:
    """Joins texts: repeated ones are counted, and where room is short the failures are kept.

    Args:
        limit: how many characters the result has at most.
    """

    def __init__(self, limit: int = 600) -> None:
        if limit < 60:
            raise ConfigError(f"A compressed text needs 60 characters or more, not {limit}.")
        self._limit = limit

    def compress(self, texts: Sequence[str]) -> str:
        """Return one text instead of several; compressed ones may be compressed again."""
        left_out, counts = 0, dict[str, int]()
        for part in (part.strip() for text in texts for part in clean(text).split("; ")):
            if dropped := _LEFT_OUT.match(part):
                left_out += int(dropped[1])
                continue
            repeated = _TIMES.match(part)
            name, times = (repeated[1], int(repeated[2])) if repeated else (part.rstrip(".").strip(), 1)
            if name:
                counts[name] = counts.get(name, 0) + times
        kept = dict.fromkeys(counts)
        for going in [name for name in counts if not _FAILURE.search(name)] + [*counts]:
            if len(self._join(kept, counts, left_out)) <= self._limit or len(kept) == 1:
                break
            if going in kept:
                del kept[going]
                left_out += counts[going]
        return self._join(kept, counts, left_out)[: self._limit].strip()

    @staticmethod
    def _join(kept: dict[str, None], counts: dict[str, int], left_out: int) -> str:
        said = [name if counts[name] == 1 else f"{name} (x{counts[name]})" for name in kept]
        return "; ".join([f"({left_out} earlier left out)", *said] if left_out else said)


class TemporalMemory:
    """The working buffer of what was done.

    Args:
        capacity: how many entries it holds.
        fold: how many of the oldest become one when a step comes and it is full; ``capacity - 1`` if None.
        compressor: that shortens them; rules if None.
        per_episode: an episode begins with an empty buffer.
    """

    name = "temporal"
    fallback_when_late = False

    def __init__(
        self,
        capacity: int = 4,
        compressor: Compressor | None = None,
        *,
        fold: int | None = None,
        per_episode: bool = True,
    ) -> None:
        fold = max(2, capacity - 1) if fold is None else fold
        if not 2 <= fold <= capacity:
            raise ConfigError(f"Of {capacity} entries {fold} cannot become one: 2 <= fold <= capacity.")
        self._capacity, self._fold, self._per_episode = capacity, fold, per_episode
        self._rules = RuleCompressor()
        self._compressor = compressor

    def texts(self, observation: Observation) -> Sequence[str]:
        """Return nothing: it compares no vectors."""
        return ()

    def propose(self, view: Snapshot, step: StepTaken) -> Compression:
        """Return what the oldest entries become, if room is needed for the step."""
        oldest = self._oldest(view, step)
        if not oldest or self._compressor is None:
            return self._by_rules(oldest)
        answer: object = self._compressor.compress([one.text for one in oldest])
        text = clean(answer)[:LONGEST_TEXT].strip() if isinstance(answer, str) else ""
        if not text:
            note = f"the compressor answered no text ({type(answer).__name__}); rules compressed instead"
            return self._by_rules(oldest, (note,))
        return Compression(tuple(one.id for one in oldest), text)

    def fallback(self, view: Snapshot, step: StepTaken) -> Compression:
        """Return what the oldest entries become by rules."""
        return self._by_rules(self._oldest(view, step))

    def apply(self, change: Transaction, observation: int, step: StepTaken, proposal: Compression) -> Changes:
        """Make room and add the step."""
        text = said(step)
        if not text:
            return Changes()
        ended: list[int] = []
        added: list[int] = []
        notes = list(proposal.notes)
        while len(entries := working_steps(change)) >= self._capacity:
            oldest = entries[: self._fold]
            if tuple(one.id for one in oldest) == proposal.ids:
                shorter = proposal.text
            else:
                shorter = self._by_rules(oldest).text
                notes.append("others wrote in between: the oldest steps were compressed by rules")
            added.append(compress_steps(change, oldest, shorter))
            ended += [one.id for one in oldest]
        new = push_step(change, entries, text, step.observation.time, observation)
        return Changes((*added, *([] if new is None else [new])), tuple(ended), notes=tuple(notes))

    def begin_episode(self, change: Transaction) -> Changes:
        """Empty the buffer if it is kept per episode; what was in it stays in the past."""
        return Changes(ended=clear_steps(change)) if self._per_episode else Changes()

    def recall(self, view: Snapshot, queries: Queries) -> tuple[str, ...]:
        """Return everything that is in the buffer, oldest first."""
        return tuple(one.text for one in working_steps(view))

    def _oldest(self, view: Snapshot, step: StepTaken) -> list[StepEntry]:
        entries = working_steps(view)
        return entries[: self._fold] if said(step) and len(entries) >= self._capacity else []

    def _by_rules(self, oldest: Sequence[StepEntry], notes: tuple[str, ...] = ()) -> Compression:
        if not oldest:
            return Compression(notes=notes)
        text = self._rules.compress([one.text for one in oldest])
        return Compression(tuple(one.id for one in oldest), text or oldest[-1].text[:600], notes)


def said(step: StepTaken) -> str:
    """Return what the buffer keeps of a step: its summary, or else its action; of the end of an attempt nothing."""
    if step.attempt is not None:
        return ""
    observation = step.observation
    if summary := clean(observation.summary):
        return summary
    ending = {True: ": worked", False: ": failed", None: ""}[observation.success]
    action = clean(observation.action)
    return f"{action}{ending}" if action else ""
