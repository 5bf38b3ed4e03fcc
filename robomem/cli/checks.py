"""What ``robomem doctor`` looks at. A check never raises: what it meets is its finding."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

__all__ = ["Finding", "all_checks", "ros_checks"]

_RENDER = """
import mujoco
model = mujoco.MjModel.from_xml_string('<mujoco><worldbody><geom size="1"/></worldbody></mujoco>')
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
renderer = mujoco.Renderer(model, 32, 32)
renderer.update_scene(data)
print(renderer.render().max())
"""
_GL_HINTS = {
    "egl": "For GPU or Mesa rendering without a screen: apt install libegl1 libgl1 (and the GPU's driver).",
    "osmesa": "For software rendering: apt install libosmesa6, then MUJOCO_GL=osmesa.",
    "glfw": "For windows: run where there is a display (DISPLAY is not set, or libglfw is missing).",
}
_EXTRAS = {
    "peers": "sb3_contrib",
    "ray": "ray",
    "wandb": "wandb",
    "trackio": "trackio",
    "robots": "mujoco_menagerie",
    "vla": "diffusers",
    "viewer": "open3d",
    "hub": "huggingface_hub",
    "data": "pyarrow",
    "bag": "rosbags",
}


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        name: of the check.
        status: ``ok``, ``note`` (something optional is missing) or ``fail``.
        detail: what was found.
        hint: what to do about it; empty when nothing is needed.
    """

    name: str
    status: Literal["ok", "note", "fail"]
    detail: str
    hint: str = ""


def ros_checks(contract: str = "") -> list[Finding]:
    """Look at ROS 2 in a process of its own: rclpy stays out of this one."""
    if importlib.util.find_spec("rclpy") is None:
        hint = "Source /opt/ros/<distro>/setup.bash, or pip install 'robomem[ros]' into an environment of its own."
        return [Finding("ros", "fail", "rclpy is not here", hint)]
    command = [sys.executable, "-m", "robomem_bridge.doctor", *([contract] if contract else [])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return [Finding(**finding) for finding in json.loads(done.stdout.strip().splitlines()[-1])]
    except (subprocess.TimeoutExpired, IndexError, ValueError, TypeError) as error:
        return [Finding("ros", "fail", f"the check did not end: {type(error).__name__}", f"Run {' '.join(command)}.")]


def all_checks() -> list[Finding]:
    """Run every check."""
    checks: list[Callable[[], list[Finding]]] = [
        _python,
        _packages,
        _cpu,
        _accelerator,
        _rendering,
        _disk,
        _compiler,
        _extras,
        _names,
    ]
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except Exception as error:
            findings.append(Finding(check.__name__.strip("_"), "fail", f"the check itself failed: {error!r}"))
    return findings


def _python() -> list[Finding]:
    return [Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}")]


def _packages() -> list[Finding]:
    from packaging.requirements import Requirement

    found, wrong = [], []
    for line in requires("robomem") or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        found.append(f"{requirement.name} {installed}")
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} {installed} is not {requirement.specifier}")
    if wrong:
        return [Finding("packages", "fail", "; ".join(wrong), "Run: pip install --upgrade robomem")]
    return [Finding("packages", "ok", ", ".join(found))]


def _cpu() -> list[Finding]:
    import torch

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = torch.get_num_threads()
    detail = f"{cores} cores, torch uses {threads} threads"
    if threads > cores:
        return [
            Finding("cpu", "note", detail, f"Set OMP_NUM_THREADS={cores}: more threads than cores slow each other.")
        ]
    return [Finding("cpu", "ok", detail)]


def _accelerator() -> list[Finding]:
    import torch

    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        return [Finding("accelerator", "ok", f"{names} (CUDA {torch.version.cuda})")]
    if torch.backends.mps.is_available():
        return [Finding("accelerator", "ok", "Apple MPS")]
    return [Finding("accelerator", "note", "none; training runs on the CPU")]


def _rendering() -> list[Finding]:
    chosen = os.environ.get("MUJOCO_GL", "")
    results = {backend: _render_with(backend) for backend in _GL_HINTS}
    findings = []
    for backend, problem in results.items():
        status: Literal["ok", "note"] = "note" if problem else "ok"
        findings.append(Finding(f"gl {backend}", status, problem or "renders", _GL_HINTS[backend] if problem else ""))
    works = [backend for backend, problem in results.items() if not problem]
    if not works:
        findings.append(Finding("rendering", "fail", "no backend works; films cannot be made", _GL_HINTS["osmesa"]))
    elif chosen and chosen.lower() not in works:
        hint = f"Set MUJOCO_GL={works[0]}."
        findings.append(Finding("rendering", "fail", f"MUJOCO_GL={chosen} does not work here", hint))
    else:
        findings.append(Finding("rendering", "ok", f"with {chosen or works[0]}"))
    return findings


def _render_with(backend: str) -> str:
    """Return why rendering with ``backend`` fails; empty when it works. In a process of its own: it may crash."""
    environment = {**os.environ, "MUJOCO_GL": backend}
    try:
        done = subprocess.run(
            [sys.executable, "-c", _RENDER], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return "did not answer within 60 s"
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith((" ", "Exception ignored"))]
    return lines[-1].partition(", this most likely")[0][:160] if lines else f"crashed with status {done.returncode}"


def _disk() -> list[Finding]:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    detail = f"{free:.1f} GiB free in {Path.cwd()}"
    if not os.access(Path.cwd(), os.W_OK):
        return [
            Finding("disk", "fail", f"{Path.cwd()} is read-only", "Change to a folder you can write, or use --out.")
        ]
    if free < 1:
        return [Finding("disk", "fail", detail, "Free some space: a run keeps checkpoints and films.")]
    return [Finding("disk", "ok", detail)]


def _compiler() -> list[Finding]:
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++", "cl"):
        if name and shutil.which(name):
            return [Finding("c++ compiler", "ok", str(shutil.which(name)))]
    return [Finding("c++ compiler", "note", "none", "Only torch.compile and the ROS 2 node need one: apt install g++")]


def _extras() -> list[Finding]:
    here = [extra for extra, module in _EXTRAS.items() if importlib.util.find_spec(module)]
    missing = [extra for extra in _EXTRAS if extra not in here]
    hint = f"Optional: pip install 'robomem[{','.join(missing)}]'" if missing else ""
    return [Finding("extras", "ok", f"installed: {', '.join(here) or 'none'}", hint)]


def _names() -> list[Finding]:
    from robomem.rollout import environment_names

    count = len(environment_names())
    if count == 0:
        hint = "Reinstall robomem: its entry points are not visible (pip install -e . in a checkout)."
        return [Finding("environments", "fail", "none is registered", hint)]
    return [Finding("environments", "ok", f"{count} of ours are registered")]
