"""``robomem memory show | query | timeline | why``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.memory.options import OfWhen, plain, print_json, safe
from robomem.cli.memory.times import shown_time
from robomem.errors import ConfigError, UnknownNameError, nearest

if TYPE_CHECKING:
    from robomem.lifelong.records import Fact

__all__ = ["Query", "Show", "Timeline", "Why"]


@dataclass(frozen=True)
class Show(OfWhen):
    """What a memory holds: how much, and where its things are.

    robomem memory show kitchen.db · robomem memory show kitchen.db --as-of 2026-09-28T13:00
    """

    def run(self) -> int:
        """Print it."""
        from rich.table import Table
        from rich.text import Text

        from robomem.cli.console import out
        from robomem.lifelong.scene import read_scene
        from robomem.lifelong.store.transaction import Store, When

        with self.opened() as memory:
            with Store(memory.database, memory.namespace).reading(When(*self.times)) as view:
                scene = read_scene(view)
            namespace = str(memory.namespace)
        if self.json:
            print_json({"namespace": namespace, "entities": scene.entities, "facts": scene.facts})
            return 0
        out.print(f"{namespace}: {len(scene.entities)} entities, {len(scene.facts)} facts", markup=False)
        table = Table("entity", "kind", "name", "position (m)", "last seen", "facts", box=None)
        for one in scene.entities:
            position = ", ".join(f"{part:.2f}" for part in one.pose.position) if one.pose else ""
            facts = "; ".join(_predicate(fact) for fact in scene.facts if fact.subject == one.id)
            cells = (str(one.id), one.kind, safe(one.name), position, shown_time(one.last_seen), facts)
            table.add_row(*map(Text, cells))
        out.print(table, soft_wrap=False)
        return 0


@dataclass(frozen=True)
class Query(OfWhen):
    """What the four memories know that bears on questions.

    robomem memory query kitchen.db 'where is the red mug' 'what sticks'
    """

    texts: Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="TEXT")]
    """Questions, in words."""

    def run(self) -> int:
        """Print it."""
        from robomem.cli.console import out

        if not any(text.strip() for text in self.texts):
            raise ConfigError("What is asked? robomem memory query kitchen.db 'where is the red mug'")
        with self.viewed() as view:
            found = view.recall(self.texts, deadline_s=60)
        if self.json:
            print_json(found)
            return 0
        out.print(found.as_text() or "Nothing in this memory bears on it.", markup=False)
        return 0


@dataclass(frozen=True)
class Timeline(OfWhen):
    """All that was ever held of the things of a name, with both times: when it was so, and when that was known.

    robomem memory timeline kitchen.db 'red mug'
    """

    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
    """What it is called."""

    def run(self) -> int:
        """Print it."""
        from robomem.cli.console import out

        with self.viewed() as view:
            facts = view.history(self.name)
            if not facts and not view.last_seen(self.name):
                known = {one.name for one in view.entities() if one.name}
                close = nearest(self.name, known) or sorted(known)[:10]
                hint = f"{len(known)} are known; robomem memory show lists them."
                raise UnknownNameError("entity", self.name, map(safe, close), hint)
        if self.json:
            print_json(facts)
            return 0
        for fact in facts:
            so = f"{shown_time(fact.valid_from)} to {shown_time(fact.valid_to) or 'now'}"
            learnt = f"known from {shown_time(fact.recorded_at)}"
            ended = f", its end from {shown_time(fact.retired_at)}: {safe(fact.reason)}" if fact.retired_at else ""
            out.print(f"[{fact.id}] {_sentence(fact)}\n      {so}\n      {learnt}{ended}", markup=False)
        return 0


@dataclass(frozen=True)
class Why(OfWhen):
    """What a fact rests on: who said so, when, with which picture; what ended it; what was before, after and beside it.

    robomem memory why kitchen.db 12
    """

    fact: Annotated[int, tyro.conf.Positional, tyro.conf.arg(metavar="FACT")]
    """Its number, as timeline, show --json and query --json give it."""

    def run(self) -> int:
        """Print it."""
        from robomem.cli.console import out

        with self.viewed() as view:
            found = view.why(self.fact)
        if self.json:
            print_json(found)
            return 0
        fact = found.fact
        until = "still" if fact.valid_to is None else f"until {shown_time(fact.valid_to)}"
        lines = [
            f"{_sentence(fact)}",
            f"  so from {shown_time(fact.valid_from)} {until}; known since {shown_time(fact.recorded_at)}",
        ]
        if fact.reason:
            lines.append(f"  ended: {safe(fact.reason)}")
        if found.ended_by is not None and found.ended_by.summary:
            lines.append(f"  ended by: {safe(found.ended_by.summary)}")
        for one in found.citations:
            lines += _citation(plain(one))
        for rival in found.rivals:
            span = f"{shown_time(rival.valid_from)} to {shown_time(rival.valid_to) or 'now'}"
            lines.append(f"  beside it: {_sentence(rival)} [{rival.id}], {span}")
        out.print("\n".join(lines), markup=False)
        return 0


def _citation(one: dict[str, Any]) -> list[str]:
    model = f" with {one['model']}" if one["model"] else ""
    head = f"  said by {safe(one['writer'])}{model}, {shown_time(one['time'])}, confidence {one['confidence']:.2f}"
    seen = one["observation"] or {}
    trust = seen.get("source", {}).get("trust")
    lines = [f"{head}, trust {trust.name.lower()}" if trust is not None else head]
    lines += [f"    {safe(seen['summary'])}"] if seen.get("summary") else []
    return lines + ([f"    picture: {safe(seen['media'])}"] if seen.get("media") else [])


def _sentence(fact: Fact) -> str:
    return f"{safe(fact.subject_name)} {_predicate(fact)}"


def _predicate(fact: Fact) -> str:
    marks = [mark for held, mark in ((fact.disputed, "disputed"), (fact.trust == 0, "only said")) if held]
    words = f"{safe(fact.relation)} {safe(fact.object_name or fact.value)}"
    return f"{words} ({', '.join(marks)})" if marks else words
