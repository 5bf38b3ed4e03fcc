"""From tokens to what is asked for: clauses with a verb, an object and places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from robomem_policies.planner.rules import lexicon
from robomem_policies.planner.rules.request import Errand, Place, Request, Switching, Wanted
from robomem_policies.planner.rules.tokens import Lexer, Token

__all__ = ["understand"]

_REWRITES = (
    (r"\b(?:that|which) (?:is|are) in the same [a-z ]+? as\b", "next to"),
    (r"\b(?:leave|keep) (?:the [a-z]+|it|them) closed\b", "close the door"),
    (r"\b(warm|heat|cool|cut|pick|wash) ((?:(?!\band\b|[.,]).)+?) (up|down)\b", r"\1 \3 \2"),
    (r"\bturn ((?:(?!\band\b|[.,]).)+?) (on|off)(?=[ .,?!]|$)", r"turn \2 \1"),
    (r"\bkitchen (utensil)", r"\1"),
)
_IF = re.compile(
    r"\bif (.+?) (?:is|are) ((?:in|on|at|inside|under) .+?), (.+?)[;.] ?(?:otherwise|if not|else),? (.+?)[.!]"
)
_BUT = re.compile(
    r"[,;]? (?:but )?not the ([a-z -]+?) one\b|[;,.] the ([a-z -]+?) one (?:has to|must|should) (?:stay|remain)[^.;]*"
)
_STATE_VERBS = ("clean", "hot", "cold", "sliced")


@dataclass
class _Noun:
    """A noun phrase in a clause, with what joins it to what was before."""

    join: str = ""
    kinds: frozenset[str] | None = None
    words: set[str] = field(default_factory=set)
    room: str = ""
    count: int = 1
    states: set[str] = field(default_factory=set)
    turned: str = ""
    special: str = ""  # "it", "door", "use", "where", "reach"
    said: str = ""


def understand(text: str, lexer: Lexer) -> Request:
    """Return what an instruction asks for."""
    text = " ".join(text.lower().split())
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text)
    return _condition(text, lexer) or _exception(text, lexer)


def _condition(text: str, lexer: Lexer) -> Request | None:
    """Understand "if A is in B, do this; otherwise do that"."""
    found = _IF.search(text)
    if found is None:
        return None
    thing, place, then, otherwise = found.groups()
    asked = _Reader(lexer).read(lexer.read(f"hold {thing} {place}"))
    if not asked.errands or asked.errands[0].what.place is None:
        return None
    branches = (understand(f"get {thing} and {then}.", lexer), understand(f"{otherwise}.", lexer))
    return Request(condition=(asked.errands[0].what, *branches))


def _exception(text: str, lexer: Lexer) -> Request:
    """Understand "but not the red one"."""
    found = _BUT.search(text)
    request = _Reader(lexer).read(lexer.read(_BUT.sub("", text)))
    for errand in request.errands:
        errand.what.without = frozenset((found[1] or found[2]).split()) if found else frozenset()
    return request


class _Reader:
    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._request = Request()
        self._last: Errand | None = None
        self._place: Place | None = None

    def read(self, tokens: list[Token]) -> Request:
        verb, clause = "", list[Token]()
        for token in tokens:
            inside = bool(clause) and any(one.kind in ("use", "where") for one in clause) and _open_clause(clause)
            if token.kind == "verb" and not inside:
                self._act(verb, clause)
                verb, clause = str(token.value), []
            elif token.kind == "stop" and token.text in ".?!;":
                self._act(verb, clause)
                verb, clause = "", []
            else:
                clause.append(token)
        self._act(verb, clause)
        request = self._request
        request.errands = [errand for errand in request.errands if not errand.empty]
        if request.empty and not request.doubt:
            request.doubt = "I found nothing in it that I could do."
        return request

    def _act(self, verb: str, clause: list[Token]) -> None:
        if not verb:
            return
        nouns = self._nouns(clause)
        for lamp in [noun for noun in nouns if noun.turned]:
            self._request.switchings.append(Switching(lamp.turned, self._as_place(lamp)))
            nouns.remove(lamp)
        if not nouns:
            return
        if verb in ("turn on", "turn off", "open", "close"):
            self._switch(verb, nouns)
            return
        errand = self._errand(nouns)
        if errand is None:
            return
        first, places = nouns[0], self._places(nouns[1:])
        errand.states |= first.states
        if verb in _STATE_VERBS:
            errand.states.add(verb)
        errand.hold |= verb == "hold"
        if verb == "put" and places:
            errand.to = self._place = places.pop()
        elif verb == "put":
            self._request.doubt = f"I do not know where to put {first.said}."
        if places and errand.what.place is None:
            errand.what.place = places[0]

    def _errand(self, nouns: list[_Noun]) -> Errand | None:
        """What the clause is about: a thing, or "it", the one before."""
        first = nouns[0]
        if first.special == "it":
            return self._last
        if first.special not in ("", "use") or (first.kinds and not first.kinds & self._lexer.thing_kinds):
            return None
        self._last = Errand(self._as_wanted(first))
        self._request.errands.append(self._last)
        return self._last

    def _switch(self, verb: str, nouns: list[_Noun]) -> None:
        noun = nouns[0]
        known = self._place
        same = known is not None and bool(noun.kinds) and noun.kinds == known.kinds
        if noun.special in ("door", "it") or (verb == "close" and same):
            if self._last is not None and verb == "close":
                self._last.shut = True
            return
        if noun.kinds and noun.kinds & self._lexer.fixture_kinds:
            place = self._as_place(noun)
            self._relate(place, nouns[1:])
            self._request.switchings.append(Switching(verb, place))

    def _places(self, nouns: list[_Noun]) -> list[Place]:
        """The places of a clause; "closest to" belongs to the one before it."""
        places: list[Place] = []
        for noun in nouns:
            if noun.join in ("closest", "farthest") and places:
                self._relate(places[-1], [noun])
            elif noun.special == "reach" or (noun.join == "with" and self._is_furniture(noun)):
                places.append(Place(nearest=self._as_place(noun)))
            elif noun.join == "with" or (noun.special == "where" and noun.kinds and not self._is_furniture(noun)):
                places.append(Place(beside=self._as_wanted(noun)))
            elif noun.join or noun.special == "where":
                places.append(self._as_place(noun))
        return places

    def _relate(self, place: Place, nouns: list[_Noun]) -> None:
        for noun in nouns:
            if noun.join == "closest":
                place.nearest = self._as_place(noun)
            elif noun.join == "farthest":
                place.farthest = self._as_place(noun)

    def _is_furniture(self, noun: _Noun) -> bool:
        return bool(noun.kinds and noun.kinds & self._lexer.fixture_kinds)

    def _as_place(self, noun: _Noun) -> Place:
        kinds = noun.kinds & self._lexer.fixture_kinds if noun.kinds is not None else None
        return Place(kinds, frozenset(noun.words), noun.room)

    def _as_wanted(self, noun: _Noun) -> Wanted:
        kinds = noun.kinds & self._lexer.thing_kinds if noun.kinds is not None else None
        return Wanted(kinds, frozenset(noun.words), noun.count)

    # Noun phrases

    def _nouns(self, clause: list[Token]) -> list[_Noun]:
        found: list[_Noun] = []
        open_ = _Noun()
        position = 0
        while position < len(clause):
            token = clause[position]
            position += 1
            if token.kind in ("use", "where", "reach"):
                end = next((n for n in range(position, len(clause)) if _ends(clause[n])), len(clause))
                special = self._clause(token, clause[position:end], open_)
                if special is not None:
                    found.append(special)
                open_, position = _Noun(), end
            elif token.text == "orange" and position < len(clause) and clause[position].kind in ("noun", "word"):
                open_.words.add(token.text)  # the colour, as more of the phrase follows
            elif token.kind in ("noun", "pronoun", "door"):
                open_.kinds = token.value if token.kind == "noun" else None  # type: ignore[assignment]
                open_.special = {"pronoun": "it", "door": "door"}.get(token.kind, "")
                open_.said = token.text
                position = self._described(clause, position, open_)
                found.append(open_)
                open_ = _Noun()
            else:
                open_ = self._modifier(token, open_, found)
        if open_.states and found:
            found[0].states |= open_.states
        return found

    def _modifier(self, token: Token, noun: _Noun, found: list[_Noun]) -> _Noun:
        """Take a word before a noun into account; what follows a noun without another belongs to that one."""
        if token.kind == "state" and found and " " in token.text:
            found[0].states.add(str(token.value))
        elif token.kind == "state":
            noun.states.add(str(token.value))
        elif token.kind == "turned" and found:
            found[-1].turned = str(token.value)
        elif token.kind == "number":
            noun.count = int(str(token.value))
        elif token.kind == "room":
            noun.room = str(token.value)
        elif token.kind in ("preposition", "relation"):
            return _Noun(join=str(token.value), states=noun.states)
        elif token.kind in ("joint", "stop"):
            return _Noun(states=noun.states)
        elif token.kind == "word" and token.text not in lexicon.IGNORED:
            noun.words.add(token.text)
        return noun

    def _clause(self, token: Token, rest: list[Token], noun: _Noun) -> _Noun | None:
        """Understand phrases such as "something to read" or "where the pot is"."""
        text = " ".join(one.text for one in rest)
        nouns = [one for one in rest if one.kind == "noun" and one.value]
        result = _Noun(join=noun.join, special=str(token.kind), said=f"{token.text} {text}")
        if token.kind == "reach":
            result.kinds = nouns[0].value if nouns else frozenset()  # type: ignore[assignment]
            return result
        if token.kind == "where" and nouns and rest[-1].text in ("is", "are", "lies", "stands"):
            result.kinds = nouns[-1].value  # type: ignore[assignment]
            return result
        table = lexicon.AFFORDANCES if token.kind == "use" else lexicon.PLACE_USES
        result.kinds = _by_use(text, table)
        for one in rest:
            if token.kind == "use" and one.kind == "state":
                result.states.add(str(one.value))
        if not result.kinds:
            self._request.doubt = f"I do not know what is meant by {result.said!r}."
            return None
        return result

    def _described(self, clause: list[Token], position: int, noun: _Noun) -> int:
        """Understand "the fruit that monkeys like best"; return where to read on."""
        if position < len(clause) and clause[position].text == "that":
            end = next((n for n in range(position, len(clause)) if _ends(clause[n])), len(clause))
            kinds = _by_use(" ".join(one.text for one in clause[position:end]), lexicon.AFFORDANCES)
            if kinds:
                noun.kinds = kinds
                return end
        return position


def _by_use(text: str, table: dict[str, tuple[str, ...]]) -> frozenset[str]:
    for use, kinds in table.items():
        if re.search(rf"\b{use}", text):
            return frozenset(kind.lower() for kind in kinds)
    return frozenset()


def _ends(token: Token) -> bool:
    return token.kind in ("joint", "stop") or token.text == "where" or (token.kind == "verb" and token.text == "close")


def _open_clause(clause: list[Token]) -> bool:
    """Whether a clause such as "something to put flowers in" goes on: nothing has ended it yet."""
    begins = [number for number, token in enumerate(clause) if token.kind in ("use", "where")]
    return not any(_ends(token) for token in clause[begins[-1] + 1 :])
