"""Print the Chromium that the tests of web pages run in; install Debian's if there is none and that is allowed.

Runs before any environment exists: standard library only. With ``--find`` nothing is installed.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str:
    """Return the path of a Chromium, ``""`` if there is none; ``$CHROMIUM`` names another one."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) or "" if named else next(filter(None, map(shutil.which, NAMES)), "")


def main() -> None:
    """Print the path; say on stderr what to do when there is none."""
    if not find() and "--find" not in sys.argv and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False, **quiet)
    if not find():
        print("No Chromium for the tests of web pages: sudo apt-get install chromium", file=sys.stderr)
    print(find())


if __name__ == "__main__":
    main()
