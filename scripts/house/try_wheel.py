"""Try what `make wheel` built, from the environment into which the wheel alone was installed: ``try_wheel.py DIST``."""

import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import gymnasium as gym

import robomem
from robomem import policy
from robomem.registry import load_plugins

PACKAGES = {
    "robomem": "robomem",
    "envs/robomem_envs": "robomem_envs",
    "policies/robomem_policies": "robomem_policies",
    "sim_assets/robomem_assets": "robomem_assets",
}


def tracked() -> dict[str, str]:
    """Return every file of the four packages under version control: its path in the tree and in the wheel."""
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], capture_output=True, text=True, check=True)
    return {
        path: package + path.removeprefix(folder)
        for path in listed.stdout.split("\0")
        for folder, package in PACKAGES.items()
        if path.startswith(folder + "/")
    }


def check_contents(dist: Path) -> None:
    """Fail unless wheel and sdist hold every tracked file of the packages, and the wheel nothing else."""
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    files = tracked()
    with zipfile.ZipFile(wheel) as packed, tarfile.open(sdist) as source:
        in_wheel = {name for name in packed.namelist() if ".dist-info/" not in name}
        in_sdist = {name.partition("/")[2] for name in source.getnames()}
    assert not set(files.values()) - in_wheel, f"not in the wheel: {sorted(set(files.values()) - in_wheel)}"
    assert not set(files) - in_sdist, f"not in the sdist: {sorted(set(files) - in_sdist)}"
    print(f"wheel {wheel.stat().st_size / 1e6:.2f} MB, {len(in_wheel)} files, all {len(files)} tracked ones among them")
    if in_wheel - set(files.values()):
        print(f"in the wheel, not under version control: {sorted(in_wheel - set(files.values()))}")


def check_use() -> None:
    """Fail unless the installed packages work: command line, every environment, every policy that is shipped."""
    home = Path(robomem.__file__).parents[1]
    assert home.is_relative_to(sys.prefix), f"tried {home}, not what the wheel installed"
    program = Path(sys.prefix, "bin", "robomem")
    for words in (["--help"], ["--version"], ["list"]):
        start = time.perf_counter()
        subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL, cwd="/")
        print(f"robomem {' '.join(words)}: {time.perf_counter() - start:.2f} s")
    load_plugins()
    ids = [name for name in gym.registry if name.startswith("robomem/")]
    assert ids, "no robomem/… id: the entry point robomem.plugins is missing"
    for name in ids:
        env = gym.make(name)
        env.reset(seed=0)
        env.step(env.action_space.sample())
        env.close()
    shipped = [manifest.parent for package in PACKAGES.values() for manifest in (home / package).rglob("manifest.json")]
    for folder in shipped:
        policy.load(folder)
    print(f"{len(ids)} environments step, {len(shipped)} shipped policies load")


if __name__ == "__main__":
    check_contents(Path(sys.argv[1]))
    check_use()
