"""BABEL: what is said about when is said about the same seconds of the motion, and nothing leads out of the folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robomem.errors import DataError
from robomem.motion.files import read_babel
from robomem.motion.motion_set import read, write


def _label(text: str, start: float | None = None, end: float | None = None) -> dict[str, Any]:
    timed = {} if start is None else {"start_t": start, "end_t": end}
    return {"raw_label": text, "proc_label": text, "act_cat": ["walk", text], **timed}


def _folders(path: Path) -> tuple[Path, Path]:
    labels, motions = path / "babel", path / "amass"
    labels.mkdir()
    (motions / "KIT/4").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ("a", "b", "c"):
        poses = rng.normal(0, 0.1, (361, 156))
        np.savez(
            motions / f"KIT/4/{name}_poses.npz", poses=poses, trans=np.zeros((361, 3)), mocap_framerate=np.array(120.0)
        )
    frames = [_label("turn right", 1.5, 3.5), _label("walk", 0.0, 1.0), _label("wave", 0.5, 1.2), _label("x", 0.6, 1.1)]
    told = {
        "1": {"feat_p": "KIT/KIT/4/a_poses.npz", "seq_ann": {"labels": [_label("walk and turn")]}, "frame_ann": None},
        "2": {"feat_p": "KIT/4/b_poses.npz", "seq_ann": {"labels": []}, "frame_ann": {"labels": frames}},
        "3": {"feat_p": "KIT/KIT/4/none_poses.npz", "seq_ann": {"labels": [_label("gone")]}, "frame_ann": None},
    }
    (labels / "train.json").write_text(json.dumps(told))
    extra = {"feat_p": "KIT/KIT/4/c_poses.npz", "seq_anns": [{"labels": [_label("hop"), _label("hop")]}]}
    (labels / "val.json").write_text(json.dumps({"4": extra}))
    return labels, motions


def test_babel_is_a_motion_set_with_segments(tmp_path: Path) -> None:
    labels, motions = _folders(tmp_path)
    said: list[str] = []
    made = read_babel(labels, motions, told=said.append)
    one, two, four = made.entries
    assert (one.texts, one.split, one.clip.segments, len(one.clip)) == (("walk and turn",), "train", (), 91)
    assert two.texts == ("walk; wave; turn right",)
    assert [(part.start, part.end, part.text) for part in two.clip.segments] == [
        (0, 30, "walk"),
        (30, 36, "wave"),
        (45, 91, "turn right"),
    ]
    assert two.clip.segments[0].labels == {"act_cat": "walk, walk"}
    assert (four.texts, four.split, made.fps) == (("hop",), "val", 30.0)
    assert "1 of BABEL's sequences" in said[0]
    write(tmp_path / "set", made)
    assert read(tmp_path / "set").fingerprint() == made.fingerprint()
    assert len(read_babel(labels, motions, limit=1, fps=20)) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "perhaps cut"),
        ("[1, 2]", "no list of BABEL"),
        ('{"1": 5}', "no list of BABEL"),
        ('{"1": {"feat_p": "KIT/4/a_poses.npz", "seq_ann": {"labels": [{}]}}}', "labels of '1' cannot be read"),
        ('{"1": {"feat_p": "KIT/4/a_poses.npz", "seq_ann": 5}}', "labels of '1' cannot be read"),
        (
            '{"1": {"feat_p": "KIT/4/a_poses.npz", "frame_ann": {"labels": [{"start_t": "x", "end_t": 1}]}}}',
            "labels of '1' cannot be read",
        ),
        ('{"1": {"feat_p": "../secret.npz", "seq_ann": {"labels": []}}}', "leads out"),
        ('{"1": {"feat_p": "KIT/4/a_poses.npz"}}', "no labelled motion"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path: Path, content: str, message: str) -> None:
    labels, motions = _folders(tmp_path)
    (tmp_path / "secret.npz").write_bytes(b"PK")
    (labels / "val.json").unlink()
    (labels / "train.json").write_text(content)
    with pytest.raises(DataError, match=message):
        read_babel(labels, motions)
