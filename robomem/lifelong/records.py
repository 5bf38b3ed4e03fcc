"""What goes into a lifelong memory and what comes out of it.

Times are seconds since 1970 (UTC), positions metres in the frame of a map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

import numpy as np

from robomem.errors import DataError

__all__ = [
    "ITEM_KINDS",
    "Entity",
    "Fact",
    "Item",
    "Namespace",
    "Observation",
    "Pose",
    "Sighting",
    "Source",
    "Triple",
    "Trust",
    "finite_time",
]

LONGEST_NAME = 200
LONGEST_TEXT = 20_000
ItemKind = Literal["episode", "action", "task", "preference"]
ITEM_KINDS: tuple[ItemKind, ...] = ("episode", "action", "task", "preference")
"""Of long-term items: what was attempted (episodic); what is known of actions, tasks, people (semantic)."""


class Trust(IntEnum):
    """How far a source is believed. What is said with less trust never ends a fact that was said with more.

    One exception: where a thing is, what the robot perceives later ends what its owner said before.
    """

    LOW = 0
    """Text of unknown origin: signs, web pages, whoever talks. It is kept as data and never as an instruction."""
    MODEL = 1
    """What a language model made of something."""
    SENSOR = 2
    """What the robot perceived or did."""
    USER = 3
    """What its owner said."""


@dataclass(frozen=True)
class Namespace:
    """Whose memory it is. Nothing is read or changed across namespaces.

    Attributes:
        tenant: the customer or household.
        map: the place whose frame positions are in.
        robot: who remembers.
    """

    tenant: str = "default"
    map: str = "default"
    robot: str = "robot"

    def __post_init__(self) -> None:
        for part in (self.tenant, self.map, self.robot):
            if not part or "/" in part or part != clean(part) or len(part) > LONGEST_NAME:
                raise DataError(f"{part!r} is no part of a namespace: 1 to {LONGEST_NAME} characters without '/'.")

    @classmethod
    def parse(cls, text: str) -> Namespace:
        """Return the namespace ``tenant/map/robot``, as ``str`` writes it."""
        parts = text.split("/")
        if len(parts) != 3:
            raise DataError(f"{text!r} is no namespace. One is written tenant/map/robot, e.g. default/kitchen/robot.")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.tenant}/{self.map}/{self.robot}"


@dataclass(frozen=True)
class Pose:
    """Where something is.

    Attributes:
        position: (x, y, z), metres.
        orientation: unit quaternion (x, y, z, w), if known.
        covariance: of the position, 3 rows of 3, square metres, if known.
        frame: of the map.

    Raises:
        DataError: a number is not finite, the quaternion is not of length one, or the covariance is not symmetric and
            positive semi-definite.
    """

    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float] | None = None
    covariance: tuple[tuple[float, float, float], ...] | None = None
    frame: str = "map"

    @classmethod
    def stored(
        cls,
        position: tuple[float, float, float],
        orientation: tuple[float, float, float, float] | None,
        covariance: tuple[tuple[float, float, float], ...] | None,
        frame: str,
    ) -> Pose:
        """Return a pose that was checked when it was stored; checking thousands again takes time."""
        pose = object.__new__(cls)
        for name, value in (
            ("position", position),
            ("orientation", orientation),
            ("covariance", covariance),
            ("frame", frame),
        ):
            object.__setattr__(pose, name, value)
        return pose

    def __post_init__(self) -> None:
        _check_numbers("position", self.position, 3)
        if self.orientation is not None:
            _check_numbers("orientation", self.orientation, 4)
            if abs(math.sqrt(sum(part * part for part in self.orientation)) - 1) > 1e-3:
                raise DataError(f"The orientation {self.orientation} is not a unit quaternion (x, y, z, w).")
        if self.covariance is not None:
            matrix = np.asarray(self.covariance, float)
            if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
                raise DataError("A covariance has 3 rows of 3 finite numbers, in square metres.")
            if not np.allclose(matrix, matrix.T) or np.linalg.eigvalsh(matrix)[0] < -1e-9:
                raise DataError("The covariance is not symmetric and positive semi-definite.")


@dataclass(frozen=True)
class Sighting:
    """A thing or place that was perceived.

    Attributes:
        name: what it is called, ``"red mug"``.
        category: its class, ``"mug"``, if known; things of different classes are never taken for the same.
        pose: where it is, if known.
        facts: (relation, name of another thing or place), e.g. ``("on", "counter")``.
        attributes: what is seen of it: colour, state. A new value ends the old one.
        key: of the tracker or simulator that knows its identity for certain.
        kind: ``"object"``, ``"place"`` (furniture, a drawer), ``"room"``, ``"agent"``.
        confidence: of the detector, within 0 and 1.
    """

    name: str
    category: str = ""
    pose: Pose | None = None
    facts: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    kind: str = "object"
    confidence: float = 1.0

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0 <= self.confidence <= 1:
            raise DataError(f"The confidence of {self.name!r} is {self.confidence}, not within 0 and 1.")


@dataclass(frozen=True)
class Triple:
    """A fact in words: subject, relation, and either another thing or a value.

    Attributes:
        subject, relation: ``"mug"``, ``"on"``.
        object: name of a thing or place; ``""`` where there is a value.
        value: what the relation leads to where that is no thing: ``"clean"``.
        confidence: within 0 and 1.
    """

    subject: str
    relation: str
    object: str = ""
    value: str | None = None
    confidence: float = 1.0

    def __post_init__(self) -> None:
        check_name(self.subject)
        check_name(self.relation)
        if bool(self.object) == (self.value is not None):
            raise DataError(
                f"A triple leads to an object or to a value: {self.subject!r} {self.relation!r} has neither or both."
            )
        if self.object:
            check_name(self.object)
        if not 0 <= self.confidence <= 1:
            raise DataError(f"The confidence of a triple is {self.confidence}, not within 0 and 1.")


@dataclass(frozen=True)
class Source:
    """Where knowledge comes from.

    Attributes:
        writer: program or person, ``"detector"``, ``"planner"``, ``"anna"``.
        trust: how far it is believed.
        model: name of the language model that made it, if one did.
        prompt_hash: of the prompt it was asked with.
    """

    writer: str = "robot"
    trust: Trust = Trust.SENSOR
    model: str = ""
    prompt_hash: str = ""


@dataclass(frozen=True)
class Observation:
    """One step: what was done, seen and said.

    Attributes:
        time: when it was so.
        summary: one sentence.
        sightings: what was perceived.
        triples: further facts.
        complete_for: names of places that were seen whole: what was there and was not seen now is there no more.
        pose: of the robot.
        media: path or address of the picture that shows it.
        action: what was done, ``"open the drawer"``.
        success: whether that worked.
        source: where all this comes from.
    """

    time: float
    summary: str = ""
    sightings: tuple[Sighting, ...] = ()
    triples: tuple[Triple, ...] = ()
    complete_for: tuple[str, ...] = ()
    pose: Pose | None = None
    media: str = ""
    action: str = ""
    success: bool | None = None
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        finite_time(self.time)
        for text in (self.summary, self.action, self.media):
            check_text(text)


@dataclass(frozen=True)
class Entity:
    """A thing, place or agent that is known.

    Attributes:
        id: in its database.
        aliases: other names it was called by.
        merged_into: the entity that it was found to be the same as.
        first_seen, last_seen: times.
    """

    id: int
    name: str
    category: str = ""
    kind: str = "object"
    key: str = ""
    aliases: tuple[str, ...] = ()
    pose: Pose | None = None
    first_seen: float = 0.0
    last_seen: float = 0.0
    merged_into: int | None = None


@dataclass(frozen=True)
class Fact:
    """A fact with both its times.

    Attributes:
        id: in its database.
        subject, subject_name: entity and what it is called.
        relation: ``"on"``.
        object, object_name: the other entity, or None and ``""`` where there is a value.
        value: or None.
        confidence: within 0 and 1.
        trust: of the source.
        disputed: it was said with less trust than what it contradicts, so it holds beside it.
        valid_from, valid_to: when it was so in the world; None while it still is, as far as is known.
        recorded_at: when it came to be known.
        retired_at: when its end came to be known.
        retired_by: observation that ended it.
        reason: why it ended.
        missed_at: when its place was seen whole without it, since it was last said to be there; such a look may have
            overlooked it, or the fact would have ended. None where there was none.
    """

    id: int
    subject: int
    subject_name: str
    relation: str
    object: int | None
    object_name: str
    value: str | None
    confidence: float
    trust: Trust
    disputed: bool
    valid_from: float
    valid_to: float | None
    recorded_at: float
    retired_at: float | None
    retired_by: int | None
    reason: str
    missed_at: float | None = None

    def __str__(self) -> str:
        return f"{self.subject_name} {self.relation} {self.object_name or self.value}"


@dataclass(frozen=True)
class Item:
    """A long-term item: an attempt, or experience that does not depend on time.

    Attributes:
        id: in its database.
        kind: one of ``ITEM_KINDS``.
        text: in words.
        outcome: of an attempt, ``"success"`` or ``"failure"``, else ``""``.
        details: what else belongs to it: the actions, their feedback.
        trust: of the source.
        uses, last_used: how often and when it was recalled.
        valid_from: when it happened or was learnt.
        recorded_at, retired_at: when it came to be known, and when it was replaced or removed.
        superseded_by: the item that replaced it.
        score: likeness to the query that found it, within -1 and 1.
    """

    id: int
    kind: str
    text: str
    outcome: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    trust: Trust = Trust.SENSOR
    uses: int = 0
    last_used: float | None = None
    valid_from: float = 0.0
    recorded_at: float = 0.0
    retired_at: float | None = None
    superseded_by: int | None = None
    score: float = 0.0


def finite_time(time: float) -> float:
    """Return ``time``; raises DataError unless it is a finite number of seconds that a calendar can show."""
    if not isinstance(time, (int, float)) or not math.isfinite(time) or not -6e10 < time < 2e11:
        raise DataError(f"{time!r} is no time: it must be a finite number of seconds since 1970.")
    return float(time)


def clean(text: str) -> str:
    """Return ``text`` without surrounding space, control characters and lone surrogates."""
    if text.isprintable():  # a lone surrogate is not
        return text.strip()
    kept = "".join(
        sign for sign in text if sign in "\n\t" or (sign.isprintable() and not 0xD800 <= ord(sign) <= 0xDFFF)
    )
    return kept.strip()


def check_name(name: str) -> None:
    """Raise DataError unless ``name`` names something: 1 to 200 printable characters on one line."""
    if not isinstance(name, str) or not name or name != clean(name) or "\n" in name or len(name) > LONGEST_NAME:
        shown = repr(name)[:80]
        raise DataError(f"{shown} names nothing: a name has 1 to {LONGEST_NAME} printable characters on one line.")


def check_text(text: str) -> None:
    """Raise DataError if ``text`` is no text or longer than the memory keeps."""
    if not isinstance(text, str):
        raise DataError(f"Text is expected, not {type(text).__name__}. Decode bytes first, e.g. as UTF-8.")
    if len(text) > LONGEST_TEXT:
        raise DataError(
            f"The text has {len(text):,} characters; a memory keeps {LONGEST_TEXT:,} in one piece. Summarise it."
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"The text is not valid Unicode: {error.reason} at character {error.start}.") from None


def _check_numbers(what: str, numbers: tuple[float, ...], count: int) -> None:
    if len(numbers) != count or not all(isinstance(one, (int, float)) and math.isfinite(one) for one in numbers):
        raise DataError(f"A {what} has {count} finite numbers; {numbers!r:.120} has not.")
