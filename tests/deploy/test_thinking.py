"""However slow a policy is, it takes in every step once, in order, and no action is used but at its own time."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_policy import CHUNK, Slow

from robomem.deploy import ChunkQueue
from robomem.deploy.thinking import Thinking

TAKES = st.lists(st.integers(0, 9), min_size=1, max_size=4)


class Play:
    """A control path of so many steps: it goes on while the policy thinks, and when there is nothing to think about."""

    def __init__(self, policy, steps, begins=(), **options):
        self.policy, self.steps, self.begins, self.step = policy, steps, begins, 0
        self.mind = Thinking(policy, ChunkQueue(), background=False, **options)
        self.actions, self.began, self.delivered = {}, 0, []
        policy.meanwhile = self.tick
        while self.step < steps or self.mind.thoughts().waiting:
            if not self.mind.work():
                self.tick()
        self.state = self.mind._episode.state

    def tick(self):
        if self.step == self.steps:
            return
        if self.step in self.begins:
            self.mind.begin()
            self.began = self.step
        step, self.step = self.step, self.step + 1
        self.actions[step] = self.mind.action(step - self.began, lambda: {"clock": np.array([step], np.float32)})


@given(TAKES, TAKES, st.integers(1, CHUNK))
def test_every_step_is_taken_in_once_and_in_order(plan, observe, execute):
    play = Play(Slow(plan, observe, execute), 60)
    np.testing.assert_array_equal(play.state["seen"], np.arange(60))
    np.testing.assert_array_equal(play.state["times"], np.arange(60))
    thoughts = play.mind.thoughts()
    assert (thoughts.seen, thoughts.written, thoughts.waiting, thoughts.lost) == (60, 60, 0, {})
    assert thoughts.plans == len(play.policy.planned) >= 1


@given(TAKES, TAKES, st.integers(1, CHUNK))
def test_an_action_is_for_its_step_and_of_the_newest_plan_that_is_there(plan, observe, execute):
    play = Play(Slow(plan, observe, execute), 60)
    newest = -1
    for step, action in play.actions.items():
        if action is None:
            continue
        begun, meant = action[:2]
        assert meant == step
        assert newest <= begun < step  # a plan comes after the step for which it was made, and none comes back
        assert step < begun + CHUNK
        newest = begun


@given(TAKES, TAKES)
def test_plans_are_left_out_before_steps_are(plan, observe):
    class Watched(Slow):
        def plan(self, observation, *rest, **more):
            assert play_step[0] is None or observation["clock"][0] == play_step[0].step - 1
            return super().plan(observation, *rest, **more)

    play_step = [None]
    policy = Watched(plan, observe, execute=1)
    begun = Play.tick

    class Seen(Play):
        def tick(self):
            play_step[0] = self
            begun(self)

    assert Seen(policy, 40).mind.thoughts().lost == {}


def test_an_arm_waits_for_the_first_plan_and_again_where_plans_take_longer_than_a_chunk():
    play = Play(Slow(plan_takes=(CHUNK + 2,), execute=CHUNK), 30)
    assert [step for step, action in play.actions.items() if action is None][: CHUNK + 3] == list(range(CHUNK + 3))
    assert not [action for action in play.actions.values() if action is not None]


@pytest.mark.parametrize("takes", range(CHUNK // 2))
def test_a_plan_is_begun_early_enough_to_be_there_when_the_last_is_used_up(takes):
    play = Play(Slow(plan_takes=(takes,), execute=CHUNK), 60)
    assert [step for step, action in play.actions.items() if action is None] == list(range(takes + 1))


@given(TAKES, st.integers(1, 5))
def test_what_does_not_fit_is_lost_and_counted_and_its_time_passes(observe, backlog):
    play = Play(Slow((0,), observe), 60, backlog=backlog)
    thoughts = play.mind.thoughts()
    assert thoughts.lost.get("full", 0) + thoughts.written == 60
    assert len(play.state["seen"]) == thoughts.written
    np.testing.assert_array_equal(play.state["times"], play.state["seen"])
    assert (np.diff(play.state["seen"]) > 0).all()
    if min(observe) > backlog:
        assert thoughts.lost["full"] > 0


def test_an_overflow_is_said_once(caplog):
    Play(Slow(observe_takes=(5,), plan_takes=(5,)), 60, backlog=2)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "slower than the arm" in caplog.text


@given(TAKES, TAKES, st.sets(st.integers(1, 39), max_size=4))
def test_nothing_of_an_episode_reaches_the_next(plan, observe, begins):
    play = Play(Slow(plan, observe), 40, begins=begins)
    last = max(begins, default=0)
    np.testing.assert_array_equal(play.state["seen"], np.arange(last, 40))
    np.testing.assert_array_equal(play.state["times"], np.arange(40 - last))
    for step, action in play.actions.items():
        if action is not None:
            began = max((each for each in begins if each <= step), default=0)
            assert action[0] >= began
            assert action[1] - began == step - began


@given(TAKES, TAKES, st.sets(st.integers(0, 39), max_size=5))
def test_a_step_at_which_it_raises_is_lost_and_the_next_is_not(plan, observe, fails):
    play = Play(Slow(plan, observe, fails=fails), 40)
    rest = np.setdiff1d(np.arange(40), list(fails))
    np.testing.assert_array_equal(play.state["seen"], rest)
    np.testing.assert_array_equal(play.state["times"], rest - rest[0])
    assert play.mind.thoughts().lost.get("failed", 0) == len(fails)


def test_while_it_fails_nothing_that_it_had_planned_is_used():
    play = Play(Slow(execute=4, fails=range(9, 12)), 30)
    assert [step for step, action in play.actions.items() if action is None] == [0, 10, 11, 12]
    assert play.mind.failure == ""
    assert Play(Slow(fails=range(20, 30)), 30).mind.failure == "policy: ValueError"


def test_a_chunk_that_is_none_is_a_failure():
    class Odd(Slow):
        def plan(self, *rest, **more):
            return np.zeros((0, 5)), super().plan(*rest, **more)[1]

    assert Play(Odd(), 5).mind.failure == "policy: ValueError"


def test_steps_of_which_nothing_is_seen_are_counted_and_pass():
    mind = Thinking(policy := Slow(), ChunkQueue(), background=False)
    seen = [0, 1, 4, 5, 9]
    for step in range(10):
        if step in (2, 3):
            mind.missed(step)
        elif step in seen:
            mind.action(step, lambda step=step: {"clock": np.array([step], np.float32)})
            mind.work()
    np.testing.assert_array_equal(mind._episode.state["times"], seen)
    assert mind.thoughts().lost == {"stale": 2, "late": 3}
    assert policy.called == 5


def test_the_control_path_goes_on_while_a_thread_thinks():
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    class Blocked(Slow):
        def plan(self, *rest, **more):
            begun.set()
            assert go_on.wait(20)
            return super().plan(*rest, **more)

        def _taken_in(self, step, *rest):
            state = super()._taken_in(step, *rest)
            if step == 49:
                done.set()
            return state

    mind = Thinking(Blocked(execute=CHUNK), ChunkQueue())
    try:
        for step in range(49):
            assert mind.action(step, lambda step=step: {"clock": np.array([step], np.float32)}) is None
            assert begun.wait(20)
        assert mind.thoughts().waiting == 49
        go_on.set()
        mind.action(49, lambda: {"clock": np.array([49], np.float32)})
        assert done.wait(20)
    finally:
        mind.close(20)
    assert not mind._thread.is_alive()
    assert mind.thoughts().seen == 0


@pytest.mark.parametrize("replan", [None, 1, 4])
def test_how_often_it_plans(replan):
    play = Play(Slow(execute=2), 20, replan=replan)
    assert play.policy.planned == list(range(0, 20, replan or 2))
