"""Laws of robots that move: their bodies are MuJoCo's, they stand, their labels are true, limits hold in tracking."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from robomem.errors import ConfigError, DataError, UnknownNameError
from robomem.motion import Clip, Features, mirrored, place
from robomem.motion.robots import robots
from robomem_envs.motion.command import Command
from robomem_envs.motion.falls import standing
from robomem_envs.motion.following import follow, limits_of
from robomem_envs.motion.generator import Generator, split_of
from robomem_envs.motion.robot import MujocoRobot
from robomem_envs.motion.stage import RATE_HZ

_MIRROR = np.array([1.0, -1.0, 1.0])
_SWAP = {"left": "right", "right": "left"}


@pytest.fixture(params=["humanoid", "so101"])
def robot(request: pytest.FixtureRequest) -> MujocoRobot:
    return robots[request.param]()


def anywhere(robot: MujocoRobot, seed: int, frames: int = 6) -> Clip:
    """Return poses within the joints' ranges and, for a free body, roots anywhere."""
    rng, body = np.random.default_rng(seed), robot.body
    pose = rng.uniform(body.lower, body.upper, (frames, body.size))
    if body.fixed:
        return Clip.at_rest(body, 20.0, pose)
    return Clip(body, 20.0, pose, rng.normal(size=(frames, 3)), rng.normal(size=(frames, 4)))


def test_kinematics_are_mujocos(robot: MujocoRobot) -> None:
    clip = anywhere(robot, 1)
    placed, stage = place(clip), robot.stage
    for frame in range(len(clip)):
        stage.show(clip, frame)
        for name, points in placed.points.items():
            np.testing.assert_allclose(points[frame], stage.data.site(name).xpos, atol=1e-9)
        for at, joint in enumerate(robot.body.joints):
            anchor = stage.data.xanchor[stage.model.joint(joint).id]
            np.testing.assert_allclose(placed.joints[frame, at], anchor, atol=1e-9)


def test_the_ends_of_the_ranges_are_the_models(robot: MujocoRobot) -> None:
    body, stage = robot.body, robot.stage
    for end, column in ((body.lower, 0), (body.upper, 1)):
        stage.place(end)
        found = [stage.data.joint(joint).qpos[0] for joint in body.joints]
        ranges = [stage.model.joint(joint).range[column] for joint in body.joints]
        np.testing.assert_allclose(found, ranges, atol=1e-9)


def test_a_mirror_shows_the_mirror_image_in_mujoco(robot: MujocoRobot) -> None:
    clip = anywhere(robot, 2)
    other, stage = mirrored(clip), robot.stage
    near = (
        1e-9 if robot.name == "humanoid" else 1e-3
    )  # the SO-101 is not quite symmetric: its gripper frame is 0.4 mm off the middle
    for frame in range(len(clip)):
        stage.show(clip, frame)
        here = {name: stage.data.site(name).xpos.copy() for name in clip.body.points}
        stage.show(other, frame)
        for name, point in here.items():
            side, _, rest = name.partition("_")
            partner = f"{_SWAP[side]}_{rest}" if side in _SWAP else name
            np.testing.assert_allclose(stage.data.site(partner).xpos, point * _MIRROR, atol=near)


def test_the_humanoid_stands_for_ten_seconds_and_is_not_held() -> None:
    stage, rest = robots["humanoid"]().stage, np.random.default_rng(0)
    pose = robots["humanoid"]().repertoire.rest(rest)
    stage.place(pose)
    poses, position, rotation = stage.perform(np.tile(pose, (10 * RATE_HZ, 1)))
    clip = Clip(stage.body, 20.0, poses, position, rotation)
    assert standing(clip).all()
    assert np.abs(position - position[0]).max() < 0.03
    assert stage.model.neq == 0
    stage.data.xfrc_applied[stage.model.body("torso").id, :3] = (250.0, 0.0, 0.0)
    poses, position, rotation = stage.perform(np.tile(pose, (2 * RATE_HZ, 1)))
    assert not standing(Clip(stage.body, 20.0, poses, position, rotation)).all()  # a shove throws it


def test_clips_depend_on_seed_and_number_alone(robot: MujocoRobot) -> None:
    first = list(robot.generate(clips=4, seed=7, segments=(1, 2)))
    list(robot.generate(clips=1, seed=8))
    again = list(robot.generate(clips=3, seed=7, segments=(1, 2)))
    for one, two in zip(first, again):
        assert (one.id, one.texts, one.split) == (two.id, two.texts, two.split)
        np.testing.assert_array_equal(one.clip.pose, two.clip.pose)
    assert len({entry.id for entry in first}) == 4
    original, image = first[:2]
    np.testing.assert_allclose(image.clip.pose, mirrored(original.clip).pose)
    assert image.split == original.split


def test_segments_cover_the_clip_and_texts_say_them(robot: MujocoRobot) -> None:
    for entry in robot.generate(clips=2, seed=3, segments=(2, 3), mirror=False):
        spans = entry.clip.segments
        assert [spans[0].start, *(span.end for span in spans)] == [*(span.start for span in spans), len(entry.clip)]
        assert entry.texts[0] == "; ".join(span.text for span in spans)
        assert all(set(span.labels) == set(Command("wave").labels) for span in spans)
        Features(robot.body, entry.clip.fps).encode(entry.clip)


def test_labels_are_true_of_the_motion(robot: MujocoRobot) -> None:
    axes = {"forward": (0, 1), "back": (0, -1), "left": (1, 1), "right": (1, -1), "up": (2, 1), "down": (2, -1)}
    told = 0
    for entry in robot.generate(clips=16, seed=11):
        labels, points = entry.clip.segments[0].labels, place(entry.clip).points
        if labels["direction"] == "none" or labels["side"] == "both":
            continue
        limb = {"left": "left_hand", "right": "right_hand"}.get(labels["side"], "head" if "head" in points else "ee")
        way = points[limb] - points[limb][0]
        far = way[np.linalg.norm(way, axis=1).argmax()]
        axis, sign = axes[labels["direction"]]
        assert np.abs(far).argmax() == axis
        assert sign * far[axis] > 0
        told += 1
    assert told >= 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"direction": "left"},
        {"side": "left"},
        {"height": "high"},
    ],
)
def test_a_label_that_is_not_true_is_found_out(wrong: dict[str, str]) -> None:
    humanoid = robots["humanoid"]()
    maker = Generator("humanoid", humanoid.stage, humanoid.repertoire)
    command = Command("reach", "right", "forward", "mid")
    clip = next(
        clip for seed in range(9) if (clip := maker.performed([command], np.random.default_rng(seed))) is not None
    )
    assert humanoid.repertoire.honest(command, clip)
    assert not humanoid.repertoire.honest(replace(command, **wrong), clip)


def test_repetitions_are_counted() -> None:
    humanoid = robots["humanoid"]()
    maker = Generator("humanoid", humanoid.stage, humanoid.repertoire)
    clip = maker.performed([Command("wave", "left", height="high", repetition=3)], np.random.default_rng(0))
    assert clip is not None
    for count in (1, 2, 4):
        assert not humanoid.repertoire.honest(Command("wave", "left", height="high", repetition=count), clip)


def test_own_motion_is_followed_closely(robot: MujocoRobot) -> None:
    seen: list[tuple[int, int]] = []
    (entry,) = robot.generate(clips=1, seed=2)
    tracking = robot.track(entry.clip, told=lambda done, total: seen.append((done, total)))
    assert not tracking.fell
    assert tracking.refused == 0
    assert tracking.joint_error_rad < 0.02
    assert tracking.point_error_m < 0.02
    assert len(tracking.achieved) == len(entry.clip)
    assert seen[-1] == (len(entry.clip), len(entry.clip))


def test_what_is_beyond_the_limits_is_not_sent(robot: MujocoRobot) -> None:
    (entry,) = robot.generate(clips=1, seed=2)
    body = robot.body
    wild = entry.clip.pose.copy()
    arm = body.joint("left_elbow" if robot.name == "humanoid" else "elbow_flex")
    wild[10:20, arm] = body.upper[arm] + 2.0
    tracking = robot.track(replace(entry.clip, pose=wild))
    assert tracking.limited[body.joints[arm]] >= 8
    assert (tracking.achieved.pose[:, arm] < body.upper[arm] + 0.1).all()
    assert (np.diff(tracking.achieved.pose, axis=0).max() * entry.clip.fps) < 1.5 * limits_of(body).velocity.max()


def test_every_command_to_the_actuators_went_through_the_filter(
    robot: MujocoRobot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = robot.generate(clips=1, seed=2)
    body, sent, step = robot.body, [], mujoco.mj_step

    def spy(model: mujoco.MjModel, data: mujoco.MjData, nstep: int) -> None:
        sent.append([data.ctrl[model.actuator(joint).id] for joint in body.joints])
        step(model, data, nstep)

    rng = np.random.default_rng(0)
    wild = entry.clip.pose + rng.normal(0.0, 2.0, entry.clip.pose.shape)
    monkeypatch.setattr(mujoco, "mj_step", spy)
    robot.track(replace(entry.clip, pose=wild))
    assert len(sent) > 5 * len(wild)
    ranges = np.array([robot.stage.model.joint(joint).range for joint in body.joints])
    assert (np.array(sent) >= ranges[:, 0] - 1e-9).all()
    assert (np.array(sent) <= ranges[:, 1] + 1e-9).all()


def test_a_fall_is_seen() -> None:
    humanoid = robots["humanoid"]()
    (entry,) = humanoid.generate(clips=1, seed=2)
    bent = np.tile(entry.clip.pose[:1], (50, 1))
    for side in ("left", "right"):
        bent[10:, humanoid.body.joint(f"{side}_ankle_pitch")] = 0.65
    clip = Clip(
        humanoid.body,
        20.0,
        bent,
        np.tile(entry.clip.root_position[:1], (50, 1)),
        np.tile(entry.clip.root_rotation[:1], (50, 1)),
    )
    tracking = humanoid.track(clip)
    assert tracking.fell
    assert tracking.fell_at_s is not None
    assert 0.5 < tracking.fell_at_s < 2.5


def test_any_rate_is_followed() -> None:
    robot = robots["so101"]()
    (entry,) = robot.generate(clips=1, seed=2)
    clip = replace(entry.clip, fps=16.0, segments=())
    tracking = follow(robot.stage, clip)
    assert len(tracking.achieved) == len(clip)
    assert tracking.point_error_m < 0.02


def test_pictures_show_the_motion(robot: MujocoRobot) -> None:
    (entry,) = robot.generate(clips=1, seed=2)
    pictures = list(robot.film(_first(entry.clip, 12), size=(96, 64)))
    assert len(pictures) == 12
    assert all(picture.shape == (64, 96, 3) for picture in pictures)
    assert (pictures[0] != pictures[-1]).any()
    with pytest.raises(ConfigError, match="pixels"):
        next(robot.film(entry.clip, size=(4, 4)))


def test_other_bodies_are_refused() -> None:
    (entry,) = robots["so101"]().generate(clips=1, seed=2)
    with pytest.raises(DataError, match="Retarget it first"):
        robots["humanoid"]().track(entry.clip)
    with pytest.raises(DataError, match="Retarget it first"):
        robots["humanoid"]().film(entry.clip)
    with pytest.raises(UnknownNameError, match="humanoid"):
        robots["humanoit"]
    with pytest.raises(ConfigError, match="segments"):
        next(robots["so101"]().generate(clips=1, seed=0, segments=(3, 2)))


def test_a_composition_and_its_mirror_image_are_in_one_split() -> None:
    ways = [Command("reach", "left", "right", "mid", speed, 1) for speed in ("slow", "normal", "fast")]
    for commands in (ways, ways[:1], ways[1:]):
        assert split_of(commands) == split_of([command.mirrored for command in commands])


def _first(clip: Clip, frames: int) -> Clip:
    return Clip(
        clip.body,
        clip.fps,
        clip.pose[:frames],
        clip.root_position[:frames],
        clip.root_rotation[:frames],
    )


def test_the_floor_is_all_that_the_humanoid_touches() -> None:
    model = robots["humanoid"]().stage.model
    floor = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, "floor")
    others = [at for at in range(model.ngeom) if at != floor]
    assert not (model.geom_conaffinity[others] & 1).any()
    assert model.geom_conaffinity[floor] & 1
