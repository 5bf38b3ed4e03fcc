"""The script that scores a model with EmbodiedBench's evaluator: here an evaluator of ours with the same surface."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from fetch_suite import FetchEnv, fetch_suite

from robomem.embodied import Suite
from robomem.errors import ConfigError

SCRIPT = Path(__file__).parents[2] / "scripts" / "embodiedbench.py"
EVALUATOR = """
import json, os
import anthropic, lmdeploy
import google.generativeai as genai
from lmdeploy import pipeline
from embodiedbench.envs.eb_habitat.EBHabEnv import EBHabEnv, ValidEvalSets


class Evaluator:
    def __init__(self, config):
        self.config = config

    def check_config_valid(self):
        assert self.config["eval_sets"] == ValidEvalSets
        assert self.config["n_shots"] == 3 and self.config["chat_history"] is True

    def evaluate_main(self):
        for eval_set in self.config["eval_sets"]:
            name = f"{self.config['model_name']}_{self.config['exp_name']}/{eval_set}"
            env = EBHabEnv(eval_set=eval_set, down_sample_ratio=1, exp_name=name, start_epi_index=0, resolution=96)
            assert env.log_path.startswith("running/")
            while env._current_episode_num < env.number_of_episodes:
                env.save_image(env.reset())
                done, solve = False, env._current_episode_num % 2
                while solve and not done:
                    _, _, done, info = env.step(env.env.expert_plan()[0])
                result = {"task_success": 0, "reward": float("nan")}
                if solve:
                    result = {"task_success": info["task_success"], "reward": 0.5}
                os.makedirs(os.path.join(env.log_path, "results"), exist_ok=True)
                with open(f"{env.log_path}/results/episode_{env._current_episode_num}_final_res.json", "w") as file:
                    json.dump(result | {"instruction": env.episode_language_instruction}, file)
"""


@pytest.fixture
def script(monkeypatch, tmp_path):
    """The script as a module, with the suite fetch in the place of rearrange."""
    spec = importlib.util.spec_from_file_location("score_with_embodiedbench", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    fetch = fetch_suite(tmp_path / "tasks")
    suite = Suite("fetch", "", fetch.folder, lambda observation, picture_size: FetchEnv(observation))
    monkeypatch.setattr(module, "suites", {"rearrange": suite})
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield module
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("embodiedbench", "lmdeploy", "anthropic", "google"):
            del sys.modules[name]


def checkout(folder):
    for name, text in {
        "embodiedbench/main.py": "def get_evaluator(name):\n    assert name == 'eb-hab'\n"
        "    from embodiedbench.evaluator.eb_habitat_evaluator import Evaluator\n    return Evaluator\n",
        "embodiedbench/evaluator/eb_habitat_evaluator.py": EVALUATOR,
        "embodiedbench/configs/eb-hab.yaml": "model_name: gpt-4o-mini\nn_shots: 10\nchat_history: False\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_their_evaluator_finds_our_environment_a_world_at_a_time(script, tmp_path):
    config = {"n_shots": "3", "chat_history": "True"}
    where = checkout(tmp_path / "theirs")
    script.Score(where, "rearrange:visits", "gpt-x", out=tmp_path / "out", config=config).run()
    scores = json.loads((tmp_path / "out/scores.json").read_text())
    assert scores["config"]["eval_sets"] == ["visits/flat-0", "visits/flat-1", "visits/flat-2"]
    assert scores["episodes"] == 9
    assert scores["means"] == {"task_success": 6 / 9, "reward": 0.5}  # of three visits to a world, two are played
    assert len(list((tmp_path / "out/running").rglob("*.png"))) == 9


def test_what_is_wrong_is_said_before_anything_is_written(script, tmp_path):
    for suite, where, said in (
        ("manipulate", tmp_path, "None of its evaluators"),
        ("rearrange", tmp_path, "no checkout"),
    ):
        with pytest.raises(ConfigError, match=said):
            script.Score(where, suite, "gpt-x", out=tmp_path / "out").run()
        assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(ConfigError, match="already"):
        script.Score(checkout(tmp_path / "theirs"), "rearrange", "gpt-x", out=tmp_path / "out").run()
