"""Make the ROS 2 wheels of an environment usable by CMake: ``.venv-ros/bin/python ros_ws/tools/fix_ros_wheels.py``.

The CMake exports of the message packages name the include folders of the machine on which the wheels were built, and
CMake refuses a target whose folders do not exist. This writes the folders of the running Python and its numpy in their
place. A second run finds nothing to do. It fails when a path of the builder is left that it does not know.
"""

import re
import sys
import sysconfig
from pathlib import Path

import numpy as np

BUILDER = r"/opt/python/cp\d+-cp\d+"
PLACES = (
    (re.compile(BUILDER + r"/lib/python[\d.]+/site-packages/numpy/_?core/include"), np.get_include()),
    (re.compile(BUILDER + r"/include/python[\d.]+"), sysconfig.get_paths()["include"]),
)


def repaired(text: str) -> str:
    """Return a CMake file with this machine's include folders instead of the builder's."""
    for pattern, folder in PLACES:
        text = pattern.sub(lambda _, folder=folder: folder, text)
    return text


def repair(share: Path) -> tuple[int, list[Path]]:
    """Rewrite the export files below ``share``; return how many changed and which still name the builder."""
    changed, left = 0, []
    for file in sorted(share.glob("*/cmake/*Export.cmake")):
        before = file.read_text()
        after = repaired(before)
        if after != before:
            file.write_text(after)
            changed += 1
        if re.search(BUILDER, after):
            left.append(file)
    return changed, left


def main() -> None:
    """Repair the environment of the running Python."""
    changed, left = repair(Path(sys.prefix, "share"))
    sys.stdout.write(f"fix_ros_wheels: {changed} files rewritten in {sys.prefix}\n")
    if left:
        sys.exit("fix_ros_wheels: these still name the machine of the wheels:\n" + "\n".join(map(str, left)))


if __name__ == "__main__":
    main()
