"""Demonstrations: what the agent saw and wanted, successes alone, on disk as each episode ends."""

import gymnasium as gym
import numpy as np
import pytest

from robomem.cli.main import main
from robomem.data import Dataset, verify
from robomem.errors import ConfigError, RobomemError, SpaceError, StorageError
from robomem.rollout import make_vector, play, sanity_actors
from robomem.rollout.collect import collect
from robomem.rollout.recording import frame_features

ENV, TASK = "recall-reach", "touch the pad that lit up"
KWARGS = {"delay": 5}
NOTES = {"annotation.cue", "annotation.event"}


def expert():
    return sanity_actors["expert"]()


def test_an_episode_replays_from_its_seed_and_actions(tmp_path):
    assert collect(expert(), ENV, 3, tmp_path / "demo", task=TASK, env_kwargs=KWARGS) == 3
    dataset = Dataset(tmp_path / "demo")
    assert (len(dataset), dataset.info.fps, dataset.tasks) == (3, 20, [TASK])
    assert set(dataset.features) == {"observation.state", "observation.cue", "observation.go", "action", *NOTES}
    assert verify(tmp_path / "demo") == []
    env = make_vector(ENV, 1, **KWARGS)
    for episode in range(3):
        content, facts = dataset.read(episode), dataset.notes(episode)["facts"]
        assert facts["success"] is True
        observation, _ = env.reset(seed=[facts["seed"]])
        for step, action in enumerate(content["action"]):
            for name, part in {
                "observation.state": "proprio",
                "observation.cue": "cue",
                "observation.go": "go",
            }.items():
                assert np.array_equal(content[name][step], observation[part][0])
            observation, _, terminated, truncated, _ = env.step(action[None])
        assert terminated[0] or truncated[0]
    env.close()


def test_with_noise_the_expert_is_recorded_and_not_the_disturbance(tmp_path):
    played = collect(expert(), ENV, 3, tmp_path / "demo", task=TASK, env_kwargs=KWARGS, noise=0.3)
    dataset, env = Dataset(tmp_path / "demo"), make_vector(ENV, 1, **KWARGS)
    assert played >= 3
    strayed = []
    for episode in range(3):
        content = dataset.read(episode)
        observation, _ = env.reset(seed=[dataset.notes(episode)["facts"]["seed"]])
        for step, action in enumerate(content["action"][:-1]):
            if step == 0:
                assert np.allclose(action, env.unwrapped.expert_action()[0])
            observation, _, ended, *_ = env.step(action[None])
            if ended[0]:
                break
            strayed.append(np.abs(content["observation.state"][step + 1] - observation["proprio"][0]).max())
    assert max(strayed) > 0.05  # what was executed is not what was recorded
    env.close()


def test_in_two_sittings_as_in_one(tmp_path):
    collect(expert(), ENV, 2, tmp_path / "pieces", task=TASK, env_kwargs=KWARGS, noise=0.2)
    collect(expert(), ENV, 2, tmp_path / "pieces", task=TASK, env_kwargs=KWARGS, noise=0.2, append=True)
    collect(expert(), ENV, 4, tmp_path / "whole", task=TASK, env_kwargs=KWARGS, noise=0.2)
    pieces, whole = Dataset(tmp_path / "pieces"), Dataset(tmp_path / "whole")
    for episode in range(4):
        assert pieces.notes(episode)["facts"] == whole.notes(episode)["facts"]
        before, after = pieces.read(episode), whole.read(episode)
        assert [name for name in before if not np.array_equal(before[name], after[name])] == []
    with pytest.raises(StorageError, match="nothing is overwritten"):
        collect(expert(), ENV, 1, tmp_path / "whole", task=TASK, env_kwargs=KWARGS)


def test_failures_are_left_out_unless_asked_for(tmp_path):
    zero = sanity_actors["zero"]
    with pytest.raises(RobomemError, match="100 episodes in a row"):
        collect(zero(), ENV, 1, tmp_path / "none", task=TASK, env_kwargs=KWARGS)
    assert len(Dataset(tmp_path / "none")) == 0
    assert collect(zero(), ENV, 2, tmp_path / "all", task=TASK, env_kwargs=KWARGS, keep_failures=True) == 2
    assert [Dataset(tmp_path / "all").notes(episode)["facts"]["success"] for episode in range(2)] == [False, False]


def test_what_varies_is_played_in_turn_and_in_two_sittings_as_in_one(tmp_path):
    told = {"task": TASK, "vary": {"delay": [5, 8], "cue_steps": [3, 4]}}
    collect(expert(), ENV, 6, tmp_path / "whole", **told)
    collect(expert(), ENV, 3, tmp_path / "pieces", **told)
    collect(expert(), ENV, 3, tmp_path / "pieces", **told, append=True)
    whole, pieces = Dataset(tmp_path / "whole"), Dataset(tmp_path / "pieces")
    facts = [whole.notes(episode)["facts"] for episode in range(6)]
    assert [pieces.notes(episode)["facts"] for episode in range(6)] == facts
    kinds = [(5, 3), (5, 4), (8, 3), (8, 4)]
    for episode, fact in enumerate(facts):
        assert (fact["env_kwargs"]["delay"], fact["env_kwargs"]["cue_steps"]) == kinds[fact["attempt"] % 4]
        go = whole.read(episode)["observation.go"]
        assert np.flatnonzero(go)[0] == sum(kinds[fact["attempt"] % 4])  # the signal comes after cue and pause


def test_what_varies_is_refused_where_it_cannot(tmp_path):
    with pytest.raises(ConfigError, match="delay is to vary, and is 5"):
        collect(expert(), ENV, 1, tmp_path / "demo", task=TASK, env_kwargs=KWARGS, vary={"delay": [5, 8]})
    with pytest.raises(ConfigError, match="no values"):
        collect(expert(), ENV, 1, tmp_path / "demo", task=TASK, vary={"delay": []})
    with pytest.raises(SpaceError, match="one data set holds frames of one form"):
        collect(expert(), ENV, 1, tmp_path / "demo", task=TASK, vary={"observation": ["state", "pixels"]})
    assert not (tmp_path / "demo").exists()


def test_pixels_become_a_film_of_what_was_seen(tmp_path):
    kwargs = {"delay": 3, "observation": "pixels+state"}
    collect(expert(), "shell-game", 1, tmp_path / "demo", task="touch the cup", env_kwargs=kwargs, pictures="image")
    dataset = Dataset(tmp_path / "demo")
    assert dataset.features["observation.images.pixels"].shape == (64, 64, 3)
    env = make_vector("shell-game", 1, **kwargs)
    observation, _ = env.reset(seed=[dataset.notes(0)["facts"]["seed"]])
    assert np.array_equal(dataset.read(0)["observation.images.pixels"][0], observation["pixels"][0])
    env.close()


def test_any_gymnasium_environment(tmp_path):
    collect(sanity_actors["random"](), "CartPole-v1", 2, tmp_path / "demo", task="balance")
    content = Dataset(tmp_path / "demo").read(0)
    assert content["observation.state"].shape[1:] == (4,)
    assert set(content["action"].ravel()) <= {0, 1}
    rows = play(sanity_actors["random"](), "CartPole-v1", [Dataset(tmp_path / "demo").notes(0)["facts"]["seed"]])
    assert rows[0].length == len(content["action"])
    with pytest.raises(ConfigError, match="noise is for actions that are numbers"):
        collect(sanity_actors["random"](), "CartPole-v1", 1, tmp_path / "noisy", task="balance", noise=0.1)
    with pytest.raises(SpaceError, match="numbers and pictures"):
        frame_features(gym.spaces.Text(9), gym.spaces.Discrete(2))


def test_on_the_command_line(tmp_path, capsys):
    out = str(tmp_path / "demo")
    words = ["collect", ENV, "--episodes", "2", "--task", TASK, "--env-kwargs", "delay=5"]
    assert main([*words, "--out", out]) == 0
    assert f"2 of 2 episodes of expert in robomem/RecallReach-v0 -> {out}" in capsys.readouterr().out
    assert main([*words, "--out", out]) == 2
    assert main(words) == 2
    assert "--out" in capsys.readouterr().err
    assert main(["collect", ENV, "--out", out, "--append"]) == 2
    assert "--task" in capsys.readouterr().err
