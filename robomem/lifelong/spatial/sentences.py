"""Facts in plain sentences, by rules: a relation retriever that needs no language model.

It knows a few forms: what was put where, what is in, on or beside what, what is held, and states. What asks, orders,
supposes, denies or reports what others say tells no fact and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from robomem.lifelong.records import LONGEST_NAME, Triple

__all__ = ["SentenceRetriever"]

_LONGEST = 4000
"""Characters of a text that are read."""
_SENTENCE = 300
_PLACES = (
    "on top of|inside of|inside|next to|close to|in front of|attached to|connected to|underneath|beneath|behind|beside|"
    "within|under|above|below|into|onto|near|left of|right of|in|on|at"
)
_NOT_TOLD = re.compile(
    r"\?|\b(?:if|should|would|could|might|may|will|shall|please|must|let's|maybe|perhaps|whether|unless|said|says|say|"
    r"reads|asks|asked|told|tells|think|thinks|believe|want|wants|wanted|need|needs|try|tried|trying|going to|ignore|"
    r"fail|failed|where|what|who|when|can|cannot|can't)\b",
    re.I,
)
_ORDER = re.compile(r"^(?:put|set|shut|hold|carry)\b", re.I)
"""Without a subject these may be orders."""
_DENIED = re.compile(
    r"\b(?:not|no longer|never|no|none|isn't|aren't|wasn't|didn't|don't|doesn't|without|nothing)\b", re.I
)
_PUT = re.compile(
    rf"^(?:i|we|robot|the robot)?\s*(?:have |has |had |just )*"
    rf"(?:put|placed|set|left|moved|dropped|stored|returned|laid|stacked|hung)\s+"
    rf"(?P<what>.+?)\s+(?:down |back |away |over )*(?P<how>{_PLACES})\s+(?P<where>.+)$",
    re.I,
)
_TAKE = re.compile(
    r"^(?:i|we|robot|the robot)?\s*(?:have |has |had |just )*(?:picked up|took|grabbed|grasped|lifted|fetched|"
    r"am holding|is holding|holds?|carry|carries|am carrying|is carrying)\s+(?P<what>.+?)"
    r"(?:\s+(?:up|out))?(?:\s+(?:from|out of|off)\s+.+)?$",
    re.I,
)
_MADE = {
    "opened": "open",
    "closed": "closed",
    "shut": "closed",
    "washed": "clean",
    "cleaned": "clean",
    "locked": "locked",
}
_MAKE = re.compile(
    rf"^(?:i|we|robot|the robot)?\s*(?:have |has |had |just )*(?P<how>{'|'.join(_MADE)})\s+(?P<what>.+)$", re.I
)
_SWITCH = re.compile(
    r"^(?:i|we|robot|the robot)?\s*(?:have |has |had |just )*(?:turned|switched)\s+"
    r"(?:(?P<early>on|off)\s+(?P<one>.+)|(?P<two>.+?)\s+(?P<late>on|off))$",
    re.I,
)
_THERE = re.compile(rf"^there(?:'s| is| are| was)\s+(?P<what>.+?)\s+(?P<how>{_PLACES})\s+(?P<where>.+)$", re.I)
_HAS_IN = re.compile(r"^(?P<where>.+?)\s+(?P<how>contains?|holds?|supports?)\s+(?P<what>.+)$", re.I)
_IS_AT = re.compile(
    rf"^(?P<what>.+?)\s+(?:is|are|lies|lie|sits|sit|stands|stand)\s+(?:now |still |back )*"
    rf"(?P<how>{_PLACES})\s+(?P<where>.+)$",
    re.I,
)
_IS = re.compile(
    r"^(?P<what>.+?)\s+(?:is|are|looks|feels)\s+(?:now |still |very |already )*(?P<state>[\w\- ]{2,40})$", re.I
)
_LIKES = re.compile(r"^(?P<what>.+?)\s+(?P<how>likes?|prefers?|dislikes?)\s+(?P<value>.+)$", re.I)
_FAVOURITE = re.compile(
    r"^(?P<who>my|[\w ]+?['’]s)\s+favou?rite\s+(?P<what>[\w ]+?)\s+(?:is|are)\s+(?:now |still )*"
    r"(?P<value>[\w\- ]{2,60})$",
    re.I,
)
_STATES = {
    "openness": "open closed shut ajar locked unlocked",
    "cleanliness": "clean dirty washed stained",
    "power": "on off",
    "fullness": "full empty",
    "temperature": "hot cold warm cool frozen",
    "condition": "broken intact stuck cracked",
    "colour": "red green blue yellow white black brown orange purple pink grey gray silver",
}
_STATE_OF = {word: name for name, words in _STATES.items() for word in words.split()}
_SAME_STATE = {"shut": "closed", "washed": "clean", "gray": "grey"}
_PRONOUNS = frozenset(("it", "they", "them", "this", "that"))
_WITHIN = re.compile(rf"\s+(of|{_PLACES})\s+", re.I)


class SentenceRetriever:
    """Reads facts in sentences of known forms.

    Args:
        deeds: take what the robot says that it did for done.
    """

    def __init__(self, *, deeds: bool = True) -> None:
        self._deeds = deeds

    def triples(self, summary: str) -> list[Triple]:
        """Return the facts that ``summary`` tells."""
        found: list[Triple] = []
        last = ""
        for sentence in _sentences(summary):
            some = [triple for triple in self._read(sentence, last) if triple not in found]
            found += some
            last = some[0].subject if some else last
        return found

    def _read(self, sentence: str, last: str) -> Iterator[Triple]:
        for pattern in (_PUT, _THERE, _IS_AT) if self._deeds else (_THERE, _IS_AT):
            if match := pattern.match(sentence):
                yield from _at(_thing(match["what"], last), match["how"], match["where"])
                return
        if self._deeds and (match := _TAKE.match(sentence)):
            yield from _triple(_thing(match["what"], last), "held by", "I")
            return
        if self._deeds and (match := _MAKE.match(sentence)):
            yield from _state(_thing(match["what"], last), _MADE[match["how"].lower()])
            return
        if self._deeds and (match := _SWITCH.match(sentence)):
            yield from _state(_thing(match["one"] or match["two"], last), (match["early"] or match["late"]).lower())
            return
        if match := _FAVOURITE.match(sentence):
            who = "I" if match["who"].lower() == "my" else _thing(match["who"][:-2], last)
            yield from _value(who, f"favourite {match['what'].lower()}", match["value"])
        elif match := _LIKES.match(sentence):
            relation = match["how"].lower()
            yield from _value(
                _thing(match["what"], last), relation if relation.endswith("s") else f"{relation}s", match["value"]
            )
        elif match := _HAS_IN.match(sentence):
            relation = match["how"].lower()
            yield from _triple(
                _thing(match["where"], last),
                relation if relation.endswith("s") else f"{relation}s",
                _thing(match["what"], last),
            )
        elif match := _IS.match(sentence):
            yield from _state(_thing(match["what"], last), match["state"].lower())


def _sentences(text: str) -> Iterator[str]:
    """Yield the clauses that tell something."""
    for sentence in re.split(r"[.!;\n]+(?=\s|$)|(?<=\?)", text[:_LONGEST]):
        if _NOT_TOLD.search(sentence) or '"' in sentence or "“" in sentence:
            continue
        for clause in re.split(
            r",\s*(?:and |then |but )*|\s+(?:and then|then|but)\s+|\s+and\s+(?=(?:i|we|it|the robot)\s)",
            sentence,
            flags=re.I,
        ):
            clause = " ".join(clause.split())
            if clause and len(clause) <= _SENTENCE and not _DENIED.search(clause) and not _ORDER.match(clause):
                yield clause


def _at(what: str, how: str, where: str) -> Iterator[Triple]:
    """Yield where a thing is; "in the drawer of the cabinet in the kitchen" tells of three places."""
    parts = _WITHIN.split(where)
    place = _thing(parts[0], "")
    yield from _triple(what, how.lower(), place)
    for relation, name in zip(parts[1::2], parts[2::2]):
        wider = _thing(name, "")
        yield from _triple(place, "part of" if relation.lower() == "of" else relation.lower(), wider)
        place = wider


def _thing(words: str, last: str) -> str:
    name = re.sub(r"^(?:the|a|an|my|your|some|this|that|its|his|her|our|their)\s+", "", words.strip(" ,:"), flags=re.I)
    name = re.sub(r"\s+(?:now|again|too|there|here|back)$", "", name, flags=re.I)
    return last if name.lower() in _PRONOUNS else name


def _triple(subject: str, relation: str, other: str) -> Iterator[Triple]:
    if _names(subject) and _names(other):
        yield Triple(subject, relation, other)


def _value(subject: str, relation: str, value: str) -> Iterator[Triple]:
    if _names(subject) and value:
        yield Triple(subject, relation, value=value)


def _state(subject: str, state: str) -> Iterator[Triple]:
    state = _SAME_STATE.get(state, state)
    yield from _value(subject, _STATE_OF.get(state, "is"), state)


def _names(words: str) -> bool:
    return 0 < len(words) <= min(LONGEST_NAME, 60) and words.isprintable() and len(words.split()) <= 6
