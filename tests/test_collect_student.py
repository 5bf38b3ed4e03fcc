"""Demonstrations with notes on what to remember, and with stretches in which another acted."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from robomem.cli.main import main
from robomem.data import Dataset, verify
from robomem.data.imitation import Demonstrations
from robomem.errors import ConfigError, SpaceError
from robomem.rollout import make_vector, sanity_actors
from robomem.rollout.collect import collect
from robomem.rollout.student import Student

ENV, TASK, KWARGS = "recall-reach", "touch the pad that lit up", {"delay": 3}


def expert():
    return sanity_actors["expert"]()


def student(share=0.3, steps=4.0):
    return Student(sanity_actors["random"](), share, steps)


class Blinkered:
    """A policy that sees ``proprio`` alone and counts what it has seen."""

    def __init__(self, size, parts=("proprio",)):
        self.observation_space = spaces.Dict({name: spaces.Box(-10, 10, (size,), np.float32) for name in parts})
        self.action_space = spaces.Box(-1, 1, (5,), np.float32)
        self.seen = []

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        assert set(observation) == {"proprio"}
        count = np.where(episode_start, 0, state["count"] if state else 0) + 1
        self.seen.append(int(count[0]))
        return np.full((1, 5), 0.25, np.float32), {"count": count}


def test_notes_are_recorded_beside_what_was_seen(tmp_path):
    collect(expert(), ENV, 3, tmp_path / "demo", task=TASK, env_kwargs=KWARGS)
    dataset = Dataset(tmp_path / "demo")
    for episode in range(3):
        content = dataset.read(episode)
        cue, event = content["annotation.cue"][:, 0], content["annotation.event"][:, 0]
        lit = content["observation.cue"].any(axis=1)
        assert (cue == content["observation.cue"][0].argmax()).all()
        assert event[lit].all()
        assert event[8]  # the go signal
        assert not event[5:8].any()
        facts = dataset.notes(episode)["facts"]
        assert (facts["env"], facts["env_kwargs"]) == ("robomem/RecallReach-v0", KWARGS)
        assert facts["action_high"] == [1.0] * 5
    spec = Demonstrations([tmp_path / "demo"]).spec
    assert set(spec.observation_space) == {"proprio"}
    assert (spec.action_space.low == -1).all()
    assert (spec.env, spec.env_kwargs) == ("robomem/RecallReach-v0", KWARGS)


def test_what_is_recorded_is_the_experts_and_what_is_done_is_the_students(tmp_path):
    collect(expert(), ENV, 4, tmp_path / "demo", task=TASK, env_kwargs=KWARGS, student=student())
    assert verify(tmp_path / "demo") == []
    dataset, env = Dataset(tmp_path / "demo"), make_vector(ENV, 1, **KWARGS)
    shares, strayed = [], 0
    for episode in range(4):
        content, facts = dataset.read(episode), dataset.notes(episode)["facts"]
        own = content["annotation.imitate"][:, 0]
        shares.append(1 - own.mean())
        assert facts["success"] is True
        observation, _ = env.reset(seed=[facts["seed"]])
        for step, action in enumerate(content["action"]):
            if not np.allclose(observation["proprio"][0], content["observation.state"][step], atol=1e-6):
                strayed += 1
                assert not own[step - 1]  # what was recorded was not done: it was the student's turn
                assert step > 8  # and the arm obeys since the go signal
                break
            assert np.allclose(action, env.unwrapped.expert_action()[0], atol=1e-6)
            observation, *_ = env.step(action[None])
    env.close()
    assert 0 < np.mean(shares) < 0.6
    assert strayed >= 2


def test_the_share_and_the_stretches_are_as_asked_for():
    env = make_vector("CartPole-v1", 1)
    one = Student(sanity_actors["random"](), 0.25, 5.0)
    one.attach(env)
    observation, _ = env.reset(seed=0)
    rows, first = np.zeros(1, np.int64), np.ones(1, bool)
    turns = np.array([one.act(observation, rows, np.array([7]), first & (step == 0))[1] for step in range(20000)])
    env.close()
    starts = (turns[1:] & ~turns[:-1]).sum()
    assert turns.mean() == pytest.approx(0.25, abs=0.03)
    assert turns.sum() / starts == pytest.approx(5.0, abs=0.5)


def test_in_two_sittings_as_in_one(tmp_path):
    for out, counts in (("pieces", (1, 2)), ("whole", (3,))):
        for count in counts:
            collect(expert(), ENV, count, tmp_path / out, task=TASK, env_kwargs=KWARGS, student=student(), append=True)
    pieces, whole = Dataset(tmp_path / "pieces"), Dataset(tmp_path / "whole")
    for episode in range(3):
        before, after = pieces.read(episode), whole.read(episode)
        assert [name for name in before if not np.array_equal(before[name], after[name])] == []
    with pytest.raises(ConfigError, match=r"annotation.imitate: bool \[1\] there, nothing here"):
        collect(expert(), ENV, 1, tmp_path / "whole", task=TASK, env_kwargs=KWARGS, append=True)


def test_a_student_may_see_less_and_follows_the_whole_episode(tmp_path):
    size = make_vector(ENV, 1).single_observation_space["proprio"].shape[0]
    policy = Blinkered(size)
    collect(expert(), ENV, 2, tmp_path / "demo", task=TASK, env_kwargs=KWARGS, student=Student(policy, 0.2, 2.0))
    lengths = [episode.length for episode in Dataset(tmp_path / "demo").episodes]
    counted = ",".join(map(str, policy.seen))
    for length in lengths:  # each step of each episode that was kept was shown to it
        assert ",".join(map(str, range(1, length + 1))) in counted
    with pytest.raises(SpaceError, match="made for observations"):
        collect(
            expert(), ENV, 1, tmp_path / "none", task=TASK, student=Student(Blinkered(size, ("proprio", "ear")), 0.2, 2)
        )


@pytest.mark.parametrize(("share", "steps"), [(0.0, 4), (1.0, 4), (float("nan"), 4), (0.3, 0.5), (0.3, float("nan"))])
def test_an_impossible_share_is_refused(share, steps):
    with pytest.raises(ConfigError, match="share in"):
        student(share, steps)


class Annotated(gym.Env):
    """Somebody else's environment that makes notes too."""

    metadata = {"render_fps": 10, "render_modes": []}  # noqa: RUF012
    observation_space = spaces.Box(0, 9, (1,), np.float32)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        self.clock = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.clock += 1
        return np.full(1, self.clock, np.float32), 0.0, self.clock == 4, False, {}

    def annotations(self):
        return {"cue": np.int64(self.clock), "event": self.clock == 2}


def test_any_environment_may_make_notes(tmp_path):
    gym.register("Annotated-v0", Annotated)
    try:
        collect(sanity_actors["random"](), "Annotated-v0", 1, tmp_path / "demo", task="wait")
    finally:
        gym.registry.pop("Annotated-v0")
    content = Dataset(tmp_path / "demo").read(0)
    assert content["annotation.cue"][:, 0].tolist() == [0, 1, 2, 3]
    assert content["annotation.event"][:, 0].tolist() == [False, False, True, False]


def test_on_the_command_line(tmp_path, capsys):
    out = str(tmp_path / "demo")
    words = ["collect", ENV, "--episodes", "1", "--task", TASK, "--env-kwargs", "delay=3", "--student", "random"]
    assert main([*words, "--student-share", "0.2", "--out", out]) == 0
    assert "annotation.imitate" in Dataset(out).features
    for verb in ("show", "stats"):
        capsys.readouterr()
        assert main(["data", verb, out, "--json"]) == 0
        assert "annotation.imitate" in capsys.readouterr().out
    assert main([*words, "--student-share", "2", "--out", str(tmp_path / "none")]) == 2
    assert "share in (0, 1)" in capsys.readouterr().err
