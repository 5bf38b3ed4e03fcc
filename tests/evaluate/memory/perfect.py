"""A memory that looks the answers up in its world, and one that knows nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from robomem.evaluate.memory import Beliefs, Question, Recalled, Setting, Statement, World, make_questions
from robomem.lifelong import Observation


class Oracle:
    def __init__(self, world: World) -> None:
        self.world, self.steps = world, 0
        self.questions = {question.text: question for question in make_questions(world)}

    def observe(self, observation: Observation) -> Sequence[str]:
        emitted = self.world.emitted[self.steps]
        assert emitted.observation is observation
        self.steps += 1
        return [of or sighting.name for of, sighting in zip(emitted.of, observation.sightings, strict=True)]

    def recall(self, question: Question) -> Recalled:
        answer, now = self.questions[question.text].truth, question.time or self.world.end
        told = [(question.name, "on", place) for place in answer.places]
        told += [(question.name, question.relation, answer.value)] if answer.value else []
        seen = answer.time or now
        return Recalled(
            tuple(Statement((name, *self.other(name)), relation, target, seen, seen) for name, relation, target in told)
        )

    def other(self, name: str) -> list[str]:
        return [one for thing in self.world.named(name) for one in thing.names]

    def beliefs(self) -> Beliefs:
        held, ended = [], []
        for id, track in self.world.track.items():
            thing = self.world.things[id]
            for (since, place), until in zip(track, [*(time for time, _ in track[1:]), None], strict=True):
                if place:
                    one = Statement((thing.name,), "on", place, since, since, until, entity=id)
                    (held if until is None else ended).append(one)
        for (who, what), values in self.world.preferences.items():
            for (since, value), until in zip(values, [*(time for time, _ in values[1:]), None], strict=True):
                one = Statement((who,), what, value, since, since, until)
                (held if until is None else ended).append(one)
        return Beliefs(tuple(held), tuple(ended))

    def close(self) -> int:
        return 0


class Empty:
    """Takes everything for another thing, and forgets it."""

    def __init__(self, setting: Setting) -> None:
        self.count = 0

    def observe(self, observation: Observation) -> Sequence[int]:
        self.count += len(observation.sightings)
        return range(self.count - len(observation.sightings), self.count)

    def recall(self, question: Question) -> Recalled:
        return Recalled()

    def beliefs(self) -> None:
        return None

    def close(self) -> int:
        return 0


def oracle_of(world: World) -> Callable[[Setting], Oracle]:
    return lambda setting: Oracle(world)
