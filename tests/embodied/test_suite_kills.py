"""SIGKILL at random moments loses no episode and repeats none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("jobs", "kills"), [(1, 25), pytest.param(2, 8, marks=pytest.mark.slow)])
def test_a_killed_run_goes_on_where_it_was(tmp_path, jobs, kills):
    script = Path(__file__).with_name("killed_suite.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(kills), "7", str(jobs)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["killed"] == kills
    assert len(set(found["left"])) > 1, "kills came at different moments"
