"""What is known of actions, tasks and people, kept short: each draft is compared with the few items most like it.

After Mem0, as in arXiv 2508.01415: a draft is added, replaces an item, retires one, or changes nothing. Who decides
sees ``SIMILAR`` items and may name no other; what is said with less trust never changes what was said with more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from robomem.errors import ConfigError, DataError
from robomem.lifelong.experience import Candidate, decide, lessons
from robomem.lifelong.likeness import similar_items, vectors_or_none
from robomem.lifelong.module import Changes, Queries, StepTaken
from robomem.lifelong.polarity import normal
from robomem.lifelong.records import Item, Observation, Trust, check_text, clean
from robomem.lifelong.roles import Creator, Decision, Draft, Updater
from robomem.lifelong.settling import Entry, Lessons, settle
from robomem.lifelong.store.item_mirror import ItemMirror
from robomem.lifelong.store.items import items_by_words
from robomem.lifelong.store.transaction import Snapshot, Transaction
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import TextEncoder

__all__ = ["SIMILAR", "SemanticMemory"]

SIMILAR = 10
"""With how many items a draft is compared (S in the paper)."""
MOST_DRAFTS = 32
_KINDS = ("action", "task", "preference")


class SemanticMemory:
    """Experience that does not depend on time, and preferences.

    Args:
        index: of the namespace's items; other memories share it.
        mirror: of these items, shared likewise; its own if None.
        encoder: of texts.
        top_action, top_task, top_preference: how many items of each kind are found for a query.
        updater: that decides what a draft changes; rules if None.
        creator: that draws drafts from an attempt; rules if None.
        lowest_trust: items told with less trust are kept and not found.
    """

    name = "semantic"
    fallback_when_late = False

    def __init__(
        self,
        index: VectorIndex,
        encoder: TextEncoder,
        top_action: int = 2,
        top_task: int = 2,
        updater: Updater | None = None,
        *,
        creator: Creator | None = None,
        top_preference: int = 2,
        lowest_trust: Trust = Trust.MODEL,
        mirror: ItemMirror | None = None,
    ) -> None:
        self._tops = dict(zip(_KINDS, (top_action, top_task, top_preference)))
        if min(self._tops.values()) < 0:
            raise ConfigError(f"How many items are found is zero or more, not {min(self._tops.values())}.")
        self._index, self._encoder, self._lowest = index, encoder, lowest_trust
        self._updater, self._creator = updater, creator
        self._mirror = mirror or ItemMirror()

    def texts(self, observation: Observation) -> Sequence[str]:
        """Return nothing: the vectors of drafts are computed when an attempt ends."""
        return ()

    def propose(self, view: Snapshot, step: StepTaken) -> Lessons:
        """Return what an attempt that ended teaches, and what that changes."""
        attempt = step.attempt
        if attempt is None:
            return Lessons(view.seq)
        if self._creator is None:
            return self.consider(view, lessons(attempt))
        told: object = self._creator.drafts(clean(attempt.task), [str(one) for one in attempt.actions], attempt.outcome)
        if not isinstance(told, (list, tuple)):
            note = f"the creator answered {type(told).__name__}, no drafts; rules drew the lessons instead"
            return self.consider(view, lessons(attempt), notes=(note,))
        drafts, notes = _checked(told)
        model = clean(str(getattr(self._creator, "model", "")))
        source = replace(attempt.source, trust=min(attempt.source.trust, Trust.MODEL), model=model)
        candidates = [Candidate(draft, source, attempt.time) for draft in drafts]
        return self.consider(view, candidates, notes=notes)

    def fallback(self, view: Snapshot, step: StepTaken) -> Lessons:
        """Return what an attempt that ended teaches by rules."""
        if step.attempt is None:
            return Lessons(view.seq)
        return self.consider(view, lessons(step.attempt), ask=False)

    def consider(
        self, view: Snapshot, candidates: Sequence[Candidate], *, ask: bool = True, notes: tuple[str, ...] = ()
    ) -> Lessons:
        """Return what candidates change, whoever drew them.

        Args:
            view: of the namespace.
            candidates: with or without vectors.
            ask: the updater, if there is one; else rules decide.
            notes: what was out of the ordinary so far.
        """
        vectors, failed = vectors_or_none(self._encoder, [clean(one.draft.text) for one in candidates])
        complete = [replace(one, vector=vector) for one, vector in zip(candidates, vectors)]
        said = [*notes, *failed]
        entries = []
        for one in complete:
            similar = self._similar(view, one)
            entry = Entry(one, decide(one, similar), similar)
            if ask and self._updater is not None:
                entry = self._asked(entry, self._updater, said)
            entries.append(entry)
        return Lessons(view.seq, tuple(entries), tuple(said))

    def apply(self, change: Transaction, observation: int, step: StepTaken, proposal: Lessons) -> Changes:
        """Make the changes, as far as they still fit."""
        return settle(change, proposal, observation)[0]

    def recall(self, view: Snapshot, queries: Queries, *, lowest_trust: Trust | None = None) -> tuple[Item, ...]:
        """Return the items most like each query, each once: of actions, then of tasks, then preferences."""
        lowest = self._lowest if lowest_trust is None else lowest_trust
        result: list[Item] = []
        tops = {kind: top for kind, top in self._tops.items() if top}
        for rows in similar_items(view, self._index, self._mirror, queries.vectors, tops, lowest_trust=lowest).values():
            best: dict[int, Item] = {}
            for row in rows:
                for one in row:
                    if one.id not in best or one.score > best[one.id].score:
                        best[one.id] = one
            result += sorted(best.values(), key=lambda one: (-one.score, one.id))
        return tuple(result)

    def _similar(self, view: Snapshot, candidate: Candidate) -> tuple[Item, ...]:
        kind = candidate.draft.kind
        if candidate.vector is None:
            return tuple(items_by_words(view, candidate.draft.text, kinds=(kind,), limit=SIMILAR))
        return tuple(similar_items(view, self._index, self._mirror, candidate.vector[None], {kind: SIMILAR})[kind][0])

    def _asked(self, entry: Entry, updater: Updater, notes: list[str]) -> Entry:
        """Return what the updater decided, or the rules' decision and a note where it answered nonsense."""
        answer: object = updater.decide(entry.candidate.draft, entry.similar)
        what = answer.what if isinstance(answer, Decision) else None
        if not isinstance(answer, Decision) or what not in ("add", "update", "remove", "noop"):
            notes.append(f"the updater answered no decision ({type(answer).__name__}); rules decided instead")
            return entry
        shown = {one.id for one in entry.similar}
        named = answer.id if type(answer.id) is int else None
        if named not in shown and (what in ("update", "remove") or answer.id is not None):
            notes.append(
                f"the updater named item {str(answer.id)[:40]!r}, which it was not shown; rules decided instead"
            )
            return entry
        text = clean(answer.text) if isinstance(answer.text, str) else ""
        merged = None
        if what in ("add", "update") and text and normal(text) != normal(entry.candidate.draft.text):
            try:
                check_text(text)
            except DataError:
                notes.append("the updater's text is too long; the draft's is kept")
            else:
                merged = self._merged(entry.candidate, text)
        return Entry(entry.candidate, Decision(answer.what, named), entry.similar, merged)

    def _merged(self, candidate: Candidate, text: str) -> Candidate:
        """Return a candidate in the updater's words, which are a model's."""
        source = replace(candidate.source, trust=min(candidate.source.trust, Trust.MODEL))
        vectors, _ = vectors_or_none(self._encoder, [text])
        return Candidate(Draft(candidate.draft.kind, text), source, candidate.time, vector=vectors[0])


def _checked(told: Sequence[object]) -> tuple[list[Draft], tuple[str, ...]]:
    """Return those drafts that are ones, and a note on the others."""
    drafts = []
    for one in told[:MOST_DRAFTS]:
        if isinstance(one, Draft) and one.kind in _KINDS and isinstance(one.text, str):
            text = clean(one.text)
            try:
                check_text(text)
            except DataError:
                continue
            if text:
                drafts.append(Draft(one.kind, text))
    wrong = len(told) - len(drafts)
    return drafts, (f"{wrong} of {len(told)} drafts were nonsense, empty, too long or too many",) if wrong else ()
