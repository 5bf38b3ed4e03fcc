"""``robomem deploy`` as a newcomer types it: it plays, it says what is wrong, and nothing is left behind."""

import subprocess
import sys

import psutil
import pytest

pytestmark = pytest.mark.ros
PATIENCE_S = 120


def deploy(*words):
    """Return exit code and output of ``robomem deploy``."""
    command = [sys.executable, "-m", "robomem", "deploy", *words]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False
    )
    return done.returncode, done.stdout


def left_behind(mark):
    return [
        process.info["cmdline"] for process in psutil.process_iter(["cmdline"]) if mark in str(process.info["cmdline"])
    ]


def test_the_simulated_arm_plays_and_ends(tmp_path):
    code, output = deploy("--sim", "--episodes", "2", "--seed", "7", "--record", str(tmp_path / "bags"))
    assert code == 0, output
    assert "of seed 7" in output
    assert "of seed 8" in output
    assert "of 2 so far" in output
    assert (tmp_path / "bags" / "episode-000000").is_dir()
    assert not left_behind(str(tmp_path))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("recall-reach-hcm", "--sim"), "recall-reach-hcam"),
        (("--contract", "so10"), "Did you mean 'so101'"),
        (("--sim", "--contract", "ur5e"), "has 5 joints, the contract 6"),
        (("--sim", "--rate", "50"), "trained at 20 Hz"),
    ],
)
def test_what_cannot_run_ends_at_once_and_says_why(words, message, tmp_path):
    code, output = deploy(*words, "--record", str(tmp_path / "bags"))
    assert code not in (0, -9), output
    assert message in output
    assert "Traceback" not in output
    assert not left_behind(str(tmp_path))
