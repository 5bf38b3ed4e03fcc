"""The runner with a policy that watches beside it: holds, resets, faults, words, and MemoryVLA itself."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from slow_policy import CHUNK, Slow
from tiny_vla import TASK, tiny_vla

from robomem.deploy import Runner, parse
from robomem.errors import ConfigError
from robomem_policies.memory_vla.policy import MemoryVLA

CONTRACTS = Path(__file__).parents[2] / "ros_ws/src/robomem_bridge/robomem_bridge/contracts"
HOME = np.array([0.0, -0.7, 0.6, 1.5, 0.0])
WAITING = "no plan for this step yet"


class Bench:
    """An arm that goes where it is told and says each period which one it is."""

    def __init__(self, policy, contract=None, **options):
        content = yaml.safe_load((CONTRACTS / "so101.yaml").read_text())
        clock = {"topic": "clock", "size": 1, "timeout_s": 0.2}
        content |= {"senses": {"clock": clock}} | (contract or {})
        self.now, self.ticks, self.pose, self.policy = 0.0, 0, HOME.copy(), policy
        self.runner = Runner(policy, parse(content, "arm.yaml"), background=False, clock=lambda: self.now, **options)
        self.mind = self.runner.mind
        self.now = 1.0
        self.say()
        self.runner.activate()

    def say(self):
        readings = self.runner.readings
        self.now += 1e-3
        assert readings.joint_states(self.runner.contract.joints, self.pose, 0 * self.pose, self.now)
        if "clock" in self.runner.contract.senses:
            readings.sense("clock", [self.ticks])
        for name in self.runner.contract.cameras:
            readings.picture(name, np.full((32, 32, 3), self.ticks % 256, np.uint8))

    def step(self, period=None, say=True):
        self.now += 0.05
        if say:
            self.say()
        self.ticks += 1
        output = self.runner.tick(period)
        if output is not None:
            self.pose = output.positions.copy()
        return output

    def think(self):
        while self.mind.work():
            pass

    @property
    def state(self):
        return self.mind._episode.state


def test_the_arm_holds_until_the_first_plan_and_then_moves():
    bench = Bench(Slow())
    first = bench.step()
    assert (first.verdict, first.reasons) == ("held", (WAITING,))
    np.testing.assert_allclose(first.positions, HOME)
    assert bench.runner.status().state == "holding"
    bench.think()
    assert bench.step().verdict != "held"
    assert bench.runner.status().queue_depth == CHUNK - 2
    assert bench.runner.remembers


def test_a_policy_that_never_answers_stops_the_arm():
    bench = Bench(Slow(), max_refusals=10)
    verdicts = [bench.step().verdict for _ in range(12)]
    assert verdicts == 9 * ["held"] + 3 * ["stopped"]
    assert WAITING in bench.runner.filter.stopped
    bench.think()
    assert bench.state["seen"].tolist() == list(range(10))


def test_a_gate_keeps_the_arm_still_without_a_plan_being_missed():
    bench = Bench(Slow(), contract={"enable": "clock"})
    assert bench.step().verdict != "held"  # the sense says 0: nothing may move, so that no plan is wanted
    assert bench.step().reasons == (WAITING,)


@pytest.mark.parametrize("end", ["new_episode", "deactivate"])
def test_what_ends_an_episode_clears_what_waits_and_what_was_planned(end):
    bench = Bench(Slow())
    for _ in range(5):
        bench.step()
    bench.think()
    bench.step()
    getattr(bench.runner, end)()
    status = bench.runner.status()
    assert not bench.mind.work()
    assert (status.thoughts.seen, status.thoughts.waiting, status.queue_depth) == (0, 0, 0)
    assert not bench.runner.remembers
    if end == "deactivate":
        bench.say()
        bench.runner.activate()
    assert bench.step().reasons == (WAITING,)
    bench.think()
    assert bench.state["seen"].tolist() == [bench.ticks - 1]
    assert bench.state["times"].tolist() == [0]


def test_it_holds_while_the_policy_fails_and_says_so():
    bench = Bench(Slow(fails=(3, 4)))
    reasons = []
    for _ in range(8):
        reasons.append(bench.step().reasons)
        bench.think()
    assert reasons[4:6] == 2 * [("policy: ValueError",)]
    assert bench.runner.status().state == "active"
    assert bench.runner.status().thoughts.lost == {"failed": 2}
    assert bench.state["times"].tolist() == [0, 1, 2, 5, 6, 7]


def test_a_channel_that_was_silent_and_a_timer_that_was_late_leave_gaps_in_time():
    bench = Bench(Slow())
    bench.step(100)
    bench.step(101)
    for period in (102, 103, 104, 105):
        bench.step(period, say=False)
    stale = bench.runner.status().thoughts.lost["stale"]
    bench.step(106)
    bench.step(110)  # three did not come
    bench.step(110)  # nor are two steps one, if a timer makes up for what it missed
    bench.step(112)
    bench.think()
    assert bench.state["times"].tolist() == [*range(6 - stale), 6, 10, 11, 12]
    assert bench.runner.status().thoughts.lost == {"stale": stale, "late": 3}
    assert stale >= 1
    assert bench.runner.status().steps == 13


def test_a_policy_is_told_what_to_do():
    bench = Bench(Slow())
    bench.runner.new_episode("touch the red cube")
    assert bench.policy.told == "touch the red cube"
    bench.runner.new_episode()
    assert bench.policy.told == "touch the red cube"


def test_another_policy_takes_its_place():
    bench = Bench(Slow())
    bench.step()
    bench.runner.deactivate()
    bench.runner.take(other := Slow())
    bench.mind = bench.runner.mind
    bench.say()
    bench.runner.activate()
    bench.step()
    bench.think()
    assert (bench.policy.called, other.called) == (0, 1)


# MemoryVLA


class SlowVLA(MemoryVLA):
    """Lets the control path go on while it plans."""

    takes, meanwhile = 0, staticmethod(lambda: None)

    def plan(self, *rest, **more):
        for _ in range(self.takes):
            self.meanwhile()
        return super().plan(*rest, **more)


@pytest.fixture
def vla():
    return tiny_vla(SlowVLA)


CAMERA = {"senses": {}, "cameras": {"pixels": {"topic": "camera", "timeout_s": 0.3, "width": 32, "height": 32}}}


@pytest.mark.parametrize("takes", [0, 2, 11])
def test_memory_vla_remembers_the_same_however_slow_its_plans_are(vla, takes):
    bench, steps, shown = Bench(vla, contract=CAMERA), 24, []
    observe = bench.runner.adapter.observe
    bench.runner.adapter.observe = lambda *parts: shown.append(observe(*parts)) or shown[-1]

    def meanwhile():
        if bench.ticks < steps:
            bench.step()

    vla.takes, vla.meanwhile = takes, meanwhile
    while bench.ticks < steps:
        bench.step()
        bench.think()
    state = bench.state
    assert len(shown) == steps
    moved = {tuple(observation["proprio"]) for observation in shown}
    assert (len(moved) > 2) == (takes < vla.chunk)  # whether plans came in time

    vla.takes, expected = 0, None
    for step, observation in enumerate(shown):
        expected = vla.observe(observation, expected, step == 0)
    asked = None
    for step, observation in enumerate(shown):
        _, asked = vla.predict(observation, asked, step == 0, deterministic=True)
    for other in (expected, asked):
        assert state.keys() == other.keys()
        for name in other:
            if not name.startswith("plans."):
                np.testing.assert_array_equal(state[name], other[name], err_msg=name)


def test_time_that_passes_unseen_is_time_to_memory_vla(vla):
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    seen = [{"pixels": picture, "proprio": np.zeros(23, np.float32)} for picture in pictures]
    state = vla.observe(seen[1], vla.observe(seen[0]), False)
    _, state = vla.plan(seen[2], state, False)
    later = vla.elapse(state, 3)
    assert later["step"] == state["step"] + 3
    assert (later["plans.ages"] == state["plans.ages"] + 3).all()
    assert (vla.elapse(state, 10**9)["plans.ages"] == -1).all()  # behind, all of them
    times = vla.observe(seen[3], later, False)
    assert any(6 in part for name, part in times.items() if "time" in name)


def test_memory_vla_says_that_it_was_told_nothing(vla):
    vla._told = None
    bench = Bench(vla, contract=CAMERA)
    bench.step()
    bench.think()
    assert bench.step().reasons == ("policy: ConfigError",)
    with pytest.raises(ConfigError, match="512 bytes"):
        bench.runner.new_episode("x" * 600)
    bench.runner.new_episode(TASK)
    bench.step()
    bench.think()
    assert bench.step().verdict != "held"
