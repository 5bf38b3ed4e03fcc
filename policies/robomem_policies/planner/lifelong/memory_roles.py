"""The roles of the memory played by a language model: what they answer is checked here, and by the memory again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from robomem.lifelong.records import Fact, Item, Triple
from robomem.lifelong.roles import Decision, Draft, Roles
from robomem_policies.planner.lifelong.by_model import TEXT, Speaker, listed, schema_of
from robomem_policies.planner.vlm.chat import AnswerError

__all__ = ["MemoryRoles"]

MOST = 64
_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_KINDS = ("action", "task", "preference")
_ACTIONS = ("add", "update", "remove", "noop")


class MemoryRoles:
    """Relation retriever, conflict resolver, creator, updater and compressor (arXiv 2508.01415).

    Args:
        speaker: who answers.
        resting: whether it is left alone now, so that a step does not wait for what has just failed several times.
    """

    def __init__(self, speaker: Speaker, resting: Callable[[], bool] = lambda: False) -> None:
        self._speaker, self._resting = speaker, resting

    def all(self) -> Roles:
        """Return them as the memory takes them."""
        return Roles(retriever=self, resolver=self, compressor=self, creator=self, updater=self)

    def triples(self, summary: str) -> Sequence[Triple]:
        """Return the facts that a sentence tells; see ``RelationRetriever``."""
        job = (
            "Find the facts about things and places in the sentence, such as subject mug, relation on, object counter; "
            "or, where it is no thing, with a value: subject mug, relation state, value clean. Leave the other empty."
        )
        schema = schema_of(facts=listed(subject=TEXT, relation=TEXT, object=TEXT, value=TEXT))
        found = []
        for one in _list(self._ask(job, summary, schema)["facts"], "facts"):
            subject, relation, object_, value = (
                _word(one, name) for name in ("subject", "relation", "object", "value")
            )
            found.append(Triple(subject, relation.lower(), object_, None if object_ else value))
        return found

    def ended(self, local: Sequence[Fact], news: Sequence[Triple]) -> Sequence[int]:
        """Return what is not so any more; see ``ConflictResolver``."""
        job = "Which of the numbered facts are not so any more, given the news? The news is right. Give their numbers."
        known = "\n".join(f"{fact.id}: {fact}" for fact in local)
        told = "\n".join(f"{one.subject} {one.relation} {one.object or one.value}" for one in news)
        answer = self._ask(job, f"Facts:\n{known}\nNews:\n{told}", schema_of(ended=_NUMBERS))["ended"]
        numbers = [one for one in answer if isinstance(one, int)] if isinstance(answer, list) else None
        if numbers is None or len(numbers) < len(answer) or not set(numbers) <= {fact.id for fact in local}:
            raise AnswerError("it names facts that it was not shown")
        return numbers

    def compress(self, texts: Sequence[str]) -> str:
        """Return one text instead of several; see ``Compressor``."""
        job = "Shorten these steps of a robot, oldest first, to two sentences. Keep what failed and where things are."
        return _word(self._ask(job, "\n".join(texts), schema_of(summary=TEXT)), "summary")

    def drafts(self, task: str, steps: Sequence[str], outcome: str) -> Sequence[Draft]:
        """Return what is worth knowing next time; see ``Creator``."""
        job = (
            "A robot has attempted a task. Write at most four short things worth knowing next time: of kind action "
            "(about one kind of action), task (about such tasks) or preference (what the user told that they like)."
        )
        schema = schema_of(items=listed(kind={"type": "string", "enum": list(_KINDS)}, text=TEXT))
        done = "\n".join(steps)
        answer = self._ask(job, f"Task: {task}\nOutcome: {outcome}\nSteps:\n{done}", schema)
        found = []
        for one in _list(answer["items"], "items")[:4]:
            if one.get("kind") not in _KINDS:
                raise AnswerError(f"there is no kind {one.get('kind')!r}")
            found.append(Draft(one["kind"], _word(one, "text")))
        return found

    def decide(self, draft: Draft, similar: Sequence[Item]) -> Decision:
        """Return what a draft changes; see ``Updater``."""
        job = (
            "Compare the new item with the known ones. Answer add if it says something new; update and the id of the "
            "one that it replaces, with the text that holds both; remove and the id of one that it proves wrong; noop "
            "if it is known. Use id 0 for add and noop."
        )
        known = "\n".join(f"{item.id}: {' '.join(item.text.split())}" for item in similar)
        schema = schema_of(what={"type": "string", "enum": list(_ACTIONS)}, id={"type": "integer"}, text=TEXT)
        answer = self._ask(job, f"New ({draft.kind}): {draft.text}\nKnown:\n{known}", schema)
        what, id = answer["what"], answer["id"]
        if what not in _ACTIONS:
            raise AnswerError(f"there is no decision {what!r}")
        if what in ("add", "noop"):
            return Decision(what)
        if id not in {item.id for item in similar}:
            raise AnswerError(f"it names item {id!r}, which it was not shown")
        return Decision(what, id, str(answer["text"])[:4_000] if what == "update" else "")

    def _ask(self, job: str, data: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        if self._resting():
            raise AnswerError("it is left alone for a while after failing in a row")
        return self._speaker.ask(job, data, schema)


def _list(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(one, dict) for one in value):
        raise AnswerError(f"{name} is no list of objects")
    return value


def _word(one: dict[str, Any], name: str) -> str:
    value = one.get(name, "")
    if not isinstance(value, str):
        raise AnswerError(f"{name} is no text")
    return " ".join(value.split())
