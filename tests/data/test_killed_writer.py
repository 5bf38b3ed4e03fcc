"""A writer that is killed at any moment loses the episode in hand and nothing else, and another one goes on."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from demo_sets import FEATURES, PLAIN, frame, length, require_whole, task, write

from robomem.data import Dataset, verify
from robomem.data.writer import DatasetWriter

WRITER = Path(__file__).with_name("killed_writer.py")


def killed(folder: Path, what: str, saved: int, moment: random.Random) -> int:
    """Run the writer, kill it a random while after it saved its first episode, and return the last that it spoke of."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, WRITER, folder, what], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        last = int(process.stdout.readline())
        assert last == saved
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moment.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        assert process.wait() == -signal.SIGKILL
    return int(rest[-1]) if rest else last


@pytest.mark.slow
@pytest.mark.parametrize(("what", "features", "times"), [("plain", PLAIN, 5), ("films", FEATURES, 3)])
def test_every_finished_episode_is_whole(tmp_path, what, features, times):
    folder, saved, moment = tmp_path / "demo", 0, random.Random(what)
    for _ in range(times):
        last = killed(folder, what, saved, moment)
        dataset = Dataset(folder)
        assert last + 1 <= len(dataset) <= last + 2  # it may have been killed before it could say so
        for episode in range(saved, len(dataset)):
            require_whole(dataset.read(episode), episode, features)
            assert dataset.notes(episode)["facts"] == {"seed": episode}
        assert [finding for finding in verify(folder) if finding.level == "problem"] == []
        saved = len(dataset)
    write(folder, range(saved, saved + 1), features, append=True)
    assert verify(folder) == []  # and what was left lying about is gone
    for episode in range(saved + 1):
        require_whole(Dataset(folder).read(episode), episode, features)


@pytest.mark.slow
def test_killed_between_any_two_of_its_files(tmp_path, monkeypatch):
    """The same, at every step of saving an episode, one after the other."""

    class Killed(BaseException):
        pass

    def write_until(folder: Path, steps: int) -> bool:
        """Write two episodes; die before the ``steps``-th change to the disk of the second. Returns whether it died."""
        done, second = 0, False

        def counted(work):
            def call(*arguments):
                nonlocal done
                if second and done == steps:
                    raise Killed
                done += second
                return work(*arguments)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", counted(os.replace))
            patch.setattr(Path, "rename", counted(Path.rename))
            writer = DatasetWriter(folder, 20, FEATURES, robot_type="so101")
            for episode in range(2):
                for step in range(length(episode)):
                    writer.add(frame(episode, step), task(episode))
                second = episode == 1
                try:
                    writer.save_episode({"seed": episode})
                except Killed:
                    writer._lock.close()  # as the kernel does; nothing else is tidied up
                    return True
        writer.close()
        return False

    steps = 0
    while write_until(tmp_path / str(steps), steps):
        folder = tmp_path / str(steps)
        dataset = Dataset(folder)
        assert len(dataset) in (1, 2)
        for episode in range(len(dataset)):
            require_whole(dataset.read(episode), episode)
        assert [finding for finding in verify(folder) if finding.level == "problem"] == []
        write(folder, range(len(dataset), 3), append=True)
        assert verify(folder) == []
        steps += 1
    assert steps == 7  # tasks, film, frames, row, notes, info, stats
