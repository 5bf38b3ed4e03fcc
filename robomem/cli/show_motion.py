"""``robomem motion show``: what is in a clip, or in a set of clips."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.parse import OptionalName

if TYPE_CHECKING:
    from robomem.motion import Clip
    from robomem.motion.motion_set import MotionSet

__all__ = ["Show"]


@dataclass(frozen=True)
class Show:
    """Say what is in a clip (.npz, .bvh, .npy, .txt, .json) or in the folder of a motion set.

    robomem motion show clip.npz --robot humanoid · robomem motion show moves --json
    """

    path: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    """The file, or the folder of a set."""
    robot: OptionalName = None
    """Whose limits a clip is held against; by default those of its own body."""
    json: bool = False
    """Print JSON instead of lines."""

    def run(self) -> int:
        """Look and tell."""
        from robomem.cli.console import out

        found = self._set() if self.path.is_dir() else self._clip()
        if self.json:
            out.print(json.dumps(found, indent=2), markup=False)
            return 0
        for name, value in found.items():
            if isinstance(value, list):
                for line in value:
                    out.print(f"  {_told(line)}", markup=False)
            elif isinstance(value, dict):
                out.print(f"{name}: {_told(value) or 'none'}", markup=False)
            else:
                out.print(f"{name}: {value}", markup=False)
        return 0

    def _set(self) -> dict[str, Any]:
        from robomem.motion.motion_set import read

        return set_facts(read(self.path))

    def _clip(self) -> dict[str, Any]:
        from robomem.cli.performing import for_robot
        from robomem.motion.files import read_motion
        from robomem.motion.limits import limited
        from robomem.motion.robots import robots

        clip = read_motion(self.path)
        limits = for_robot(clip, robots[self.robot]())[1] if self.robot else limited(clip)[1]
        return {**clip_facts(clip), "limits exceeded": dict(limits.clipped)}


def clip_facts(clip: Clip) -> dict[str, Any]:
    """Return body, rate, length, words and segments."""
    return {
        "body": clip.body.name,
        "joints": len(clip.body.joints),
        "frames": len(clip),
        "fps": clip.fps,
        "seconds": round(clip.seconds, 2),
        "text": clip.text,
        "segments": [
            {
                "from": round(each.start / clip.fps, 2),
                "to": round(each.end / clip.fps, 2),
                "text": each.text,
                **({"labels": dict(each.labels)} if each.labels else {}),
            }
            for each in clip.segments
        ],
    }


def set_facts(motion_set: MotionSet) -> dict[str, Any]:
    """Return what a set holds, counted."""
    lengths = sorted(len(entry.clip) for entry in motion_set.entries)
    verbs = Counter(
        segment.labels["verb"]
        for entry in motion_set.entries
        for segment in entry.clip.segments
        if "verb" in segment.labels
    )
    return {
        "body": motion_set.body.name,
        "joints": len(motion_set.body.joints),
        "fps": motion_set.fps,
        "clips": len(lengths),
        "splits": dict(Counter(entry.split for entry in motion_set.entries)),
        "seconds": round(sum(lengths) / motion_set.fps, 1),
        "frames of a clip": {
            "least": lengths[0] if lengths else 0,
            "median": lengths[len(lengths) // 2] if lengths else 0,
            "most": lengths[-1] if lengths else 0,
        },
        "texts": len({text for entry in motion_set.entries for text in entry.texts}),
        "segments": sum(len(entry.clip.segments) for entry in motion_set.entries),
        "verbs": dict(verbs.most_common()),
        "about": dict(motion_set.about),
    }


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    if {"from", "to", "text"} <= value.keys():
        labels = f" ({_told(value['labels'])})" if value.get("labels") else ""
        return f"{value['from']:6.1f} to {value['to']:.1f} s: {value['text']}{labels}"
    return ", ".join(f"{name} {_told(part)}" for name, part in value.items())
