"""Print the off-screen renderer that MuJoCo can use here: egl, osmesa or disable; install what is missing if allowed.

Runs before any environment exists: standard library only.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys

LIBRARIES = {"libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libOpenGL.so.0": "libopengl0"}


def loads(library: str) -> bool:
    """Return whether the dynamic linker finds ``library``."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing() -> list[str]:
    """Return the Debian packages whose libraries are not here."""
    return [package for library, package in LIBRARIES.items() if not loads(library)]


def main() -> None:
    """Print the renderer's name for ``MUJOCO_GL``; say on stderr what to do when there is none."""
    if platform.system() != "Linux":
        return
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", *missing()], check=False, **quiet)
    if not missing():
        print("egl")
    elif any(loads(f"libOSMesa.so.{version}") for version in (8, 6)):
        print("osmesa")
    else:
        print(f"No off-screen renderer: sudo apt-get install {' '.join(missing())}", file=sys.stderr)
        print("disable")


if __name__ == "__main__":
    main()
