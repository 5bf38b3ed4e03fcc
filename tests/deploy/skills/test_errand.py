"""A task on an arm: recall, think, run a skill, tell; whatever fails in it costs plans and never the arm."""

import threading

import pytest
from fake_world import TABLE, FakeWorld

from robomem.deploy.skills import Errand
from robomem.embodied import Action, AgentOptions, Plan, Reply, agents


def errand(world, agent=None, **options):
    rules = agents["named-skills"](AgentOptions())
    return Errand(agent or rules, rules, TABLE, world, **options)


class Answering:
    """Answers with one thing after the other; the last again and again. A callable is called."""

    def __init__(self, *answers):
        self.answers, self.situations = list(answers), []

    def begin(self, world, seed, facts):
        self.begun = world

    def plan(self, situation):
        self.situations.append(situation)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer() if callable(answer) else answer


def plan(*ids):
    return Reply(Plan(tuple(Action(number) for number in ids), {}))


@pytest.mark.parametrize("pad", ["left pad", "right pad"])
def test_a_later_task_needs_what_an_earlier_one_left_in_the_memory(pad):
    world = FakeWorld(lit=pad)
    first = errand(world).do("Touch the lit pad, then go home.")
    assert (first.success, first.skills, first.degraded) == (True, ("touch the lit pad", "go home"), ())
    later = errand(world).do("touch the pad that you touched yesterday")
    assert (later.success, later.message, later.skills) == (True, "done", (f"touch the {pad}",))
    assert world.told[-1] == (f"touch the {pad}", True, pad)


def test_the_latest_holds_where_the_memory_names_several():
    world = FakeWorld()
    for pad in ("left", "right"):
        assert errand(world).do(f"touch the {pad} pad").success
    assert errand(world).do("touch the pad again").skills == ("touch the right pad",)
    world.facts.insert(0, "I touched the pad that is called left pad")  # more like the question, but not what is kept
    assert errand(world).do("touch the pad again").skills == ("touch the right pad",)


def test_half_of_a_task_is_not_done():
    done = errand(FakeWorld()).do("touch the left pad, then fetch the newspaper")
    assert (done.success, done.skills) == (False, ("touch the left pad",))
    assert "no skill for “fetch the newspaper”" in done.message


def test_without_a_memory_what_is_named_is_done_and_what_is_not_is_not_guessed():
    world = FakeWorld(memory=False)
    named = errand(world).do("touch the left pad")
    assert named.success
    assert named.degraded == ("memory: there is no memory node", "memory: nobody took that in")
    lost = errand(world).do("touch the pad that you touched yesterday")
    assert (lost.success, lost.skills) == (False, ())
    assert "there is no memory node" in lost.message
    world.memory = True
    unknown = errand(world).do("touch the pad that you touched yesterday")
    assert not unknown.success
    assert "do not remember" in unknown.message


def test_a_skill_that_fails_is_tried_once_more_and_then_given_up():
    world = FakeWorld(fails={"touch the left pad": 1})
    assert errand(world).do("touch the left pad; rest").skills == ("touch the left pad",) * 2 + ("go home",)
    world = FakeWorld(fails={"go home": 5})
    failed = errand(world).do("touch the left pad, then go home")
    assert (failed.success, failed.skills) == (False, ("touch the left pad", "go home", "go home"))
    assert failed.message == "“go home” failed 2 times: not done after 10 s"
    assert [success for _, success, _ in world.told] == [True, False, False]


def test_a_stop_ends_the_task_at_once():
    world = FakeWorld()
    world.stopped = "stopped: emergency stop"
    done = errand(world).do("touch the left pad, then go home")
    assert (done.success, done.skills) == (False, ("touch the left pad",))
    assert done.message == "the arm stays where it is: stopped: emergency stop"


def test_it_ends_between_skills_when_asked_and_within_a_plan_too():
    world = FakeWorld()
    world.end_after = 1
    for agent in (None, Answering(plan(1, 2, 3))):
        world.ran = 0
        done = errand(world, agent).do("touch the left pad, then touch the right pad")
        assert (done.success, done.message, len(done.skills)) == (False, "cancelled", 1)


def test_an_agent_that_fails_is_replaced_for_that_plan_and_one_that_is_late_for_good():
    def broken():
        raise ConnectionError("the endpoint is down")

    agent = Answering(broken, Reply(None, error="nonsense"), plan())
    done = errand(FakeWorld(), agent).do("touch the left pad, then go home")
    assert (done.success, done.skills) == (True, ("touch the left pad", "go home"))
    said = ["ConnectionError: the endpoint is down", "nonsense"]
    assert done.degraded == tuple(f"agent: {why}; rules decided" for why in said)
    never = threading.Event()
    agent = Answering(never.wait)
    done = errand(FakeWorld(), agent, think_s=0.05).do("touch the left pad, then go home")
    assert done.success
    assert len(agent.situations) == 1
    assert "no plan within 0.05 s" in done.degraded[0]
    never.set()


def test_an_agent_that_plans_nonsense_for_ever_is_stopped():
    world = FakeWorld()
    done = errand(world, Answering(plan(99, -3)), most_skills=4).do("touch the left pad")
    assert (done.success, done.message, world.ran) == (False, "not done after 4 skills", 0)
    done = errand(world, Answering(plan(1)), most_skills=4).do("touch the left pad")
    assert (done.success, world.ran) == (False, 4)
    done = errand(world, Answering(plan(), plan())).do("touch the left pad")
    assert (done.success, done.message) == (False, "the agent gave up")


def test_what_breaks_in_the_world_ends_the_task_and_is_said():
    world = FakeWorld()
    world.run = lambda skill: 1 / 0
    done = errand(world).do("touch the left pad")
    assert (done.success, done.skills) == (False, ())
    assert "ZeroDivisionError" in done.message
