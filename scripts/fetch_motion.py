"""Fetch the genuine clips of people that package registries hold, check them, and write them as motion sets.

They come from Debian's assimp-testmodels (three BVH files: two of subject 01 of CMU's motion capture, and a boxer) and
from PyBullet's wheel (twenty clips in DeepMimic's format). Nothing of them is part of this repository. Needs no root:

    python scripts/fetch_motion.py OUT      # OUT/humanoid, OUT/cmu, OUT/boxing: motion sets at 20 frames a second
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from robomem.errors import DataError, RobomemError
from robomem.motion import Clip, place
from robomem.motion.files import read_motion
from robomem.motion.motion_set import Entry, MotionSet, write
from robomem.motion.resample import resample

WHEEL, PACKAGE = "pybullet==3.2.7", "assimp-testmodels"
FPS = 20.0
FASTEST_M_S = 25.0  # a pitcher's hand; what is faster is a jump of the recording
# What each clip shows, in our words; the files have names alone.
TEXTS = {
    "01_01": "a person jumps forward and turns around",
    "01_03": "a person climbs, hangs and swings",
    "Boxing_Toes": "a person boxes",
    "0walk_forward": "a person walks forward",
    "turn_left0": "a person walks and turns left",
    "turn_left1": "a person walks and turns left sharply",
    "turn_right0": "a person walks and turns right",
    "turn_right1": "a person walks and turns right sharply",
}


def main() -> int:
    """Fetch, check and write; returns 1 with a message if something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for the motion sets; made when missing")
    parser.add_argument("--raw", action="store_true", help="keep the original files too, in OUT/raw")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        raw = args.out / "raw" if args.raw else Path(scratch) / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        try:
            fetch_debian(Path(scratch), raw)
            fetch_wheel(Path(scratch), raw)
            convert(raw, args.out)
        except (RobomemError, subprocess.CalledProcessError, OSError) as error:
            print(f"fetch_motion: {error}", file=sys.stderr)
            return 1
    return 0


def fetch_debian(scratch: Path, raw: Path) -> None:
    """Put the BVH files of Debian's package into `raw`."""
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            print(f"no {tool} here: the BVH files of Debian's {PACKAGE} are left out", file=sys.stderr)
            return
    subprocess.run(["apt-get", "download", PACKAGE], cwd=scratch, check=True, capture_output=True)
    package = next(scratch.glob(f"{PACKAGE}_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, scratch / "debian"], check=True)
    for path in (scratch / "debian").rglob("*.bvh"):
        shutil.copy(path, raw / path.name)


def fetch_wheel(scratch: Path, raw: Path) -> None:
    """Put the clips of PyBullet's wheel into `raw`."""
    # The clips are data and the same in every wheel, so one for any platform will do where none is for this one.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(scratch), WHEEL]
    other = ["--only-binary=:all:", "--python-version", "311", "--platform", "manylinux2014_x86_64"]
    if subprocess.run([*command, "--only-binary=:all:"], capture_output=True).returncode:
        subprocess.run([*command, *other], check=True)
    with zipfile.ZipFile(next(scratch.glob("pybullet-*.whl"))) as wheel:
        for member in wheel.namelist():
            if re.search(r"data/motions/(walker/\w+|humanoid3d_\w+)\.txt$", member):
                (raw / Path(member).name).write_bytes(wheel.read(member))


def convert(raw: Path, out: Path) -> None:
    """Read and check the files, print what they hold, and write a set for each body."""
    sets: dict[str, list[Entry]] = {}
    for path in sorted([*raw.glob("*.txt"), *raw.glob("*.bvh")]):
        said: list[str] = []
        clip = checked(path.stem, read_motion(path, told=said.append), said.append)
        text = TEXTS.get(path.stem) or "a person does: " + path.stem.removeprefix("humanoid3d_").replace("_", " ")
        family = {"01_01": "cmu", "01_03": "cmu", "Boxing_Toes": "boxing"}.get(path.stem, "humanoid")
        even = replace(resample(clip, FPS), text=text)
        sets.setdefault(family, []).append(Entry(path.stem, (text,), "train", even))
        print(
            f"{path.stem:28} {len(clip):5} frames at {clip.fps:g} a second, {clip.seconds:5.1f} s", *said, sep="\n    "
        )
    for family, entries in sets.items():
        source = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(raw.iterdir())}
        about = {"source": WHEEL if family == "humanoid" else PACKAGE, "sha256": source}
        made = MotionSet(entries[0].clip.body, FPS, tuple(entries), about)
        write(out / family, made)
        seconds = sum(entry.clip.seconds for entry in entries)
        print(f"{out / family}: {len(entries)} clips, {seconds:.1f} s, {made.fingerprint()[:12]}")


def checked(name: str, clip: Clip, said: Callable[[str], None]) -> Clip:
    """Return the clip if it can be a person's.

    Raises:
        DataError: bones, speeds or the height of the feet are not a person's.
    """

    def speeds() -> np.ndarray:
        return np.linalg.norm(np.diff(place(clip).joints, axis=0), axis=2).max(1) * clip.fps

    if speeds()[0] > FASTEST_M_S:  # converted BVH files often begin with the zero pose
        said("the first frame is not of the motion (the zero pose) and is left out")
        clip = from_second(clip)
    bones = np.linalg.norm(clip.body.offsets, axis=1)
    feet = np.min([place(clip).points[point][:, 2] for point in clip.body.contacts], axis=0)
    troubles = {
        f"a bone is {bones.max():.2f} m long": bones.max() > 0.6,
        f"a joint moves at {speeds().max():.0f} m/s": speeds().max() > FASTEST_M_S,
        f"the lowest foot is {np.median(feet):.2f} m high, half of the time": abs(np.median(feet)) > 0.15,
        f"a foot is {feet.min():.2f} m under the floor": feet.min() < -0.1,
    }
    found = [trouble for trouble, there in troubles.items() if there]
    if found:
        raise DataError(f"{name} cannot be a person's motion as it was read: {'; '.join(found)}.")
    said(f"feet at {np.median(feet):+.3f} m, longest bone {bones.max():.2f} m, fastest joint {speeds().max():.1f} m/s")
    return clip


def from_second(clip: Clip) -> Clip:
    """Return the clip without its first frame."""
    return replace(clip, pose=clip.pose[1:], root_position=clip.root_position[1:], root_rotation=clip.root_rotation[1:])


if __name__ == "__main__":
    raise SystemExit(main())
