"""What cameras see, against what the rays of `visible` say and where perception puts things."""

from __future__ import annotations

import numpy as np
import pytest

from robomem.errors import UnknownNameError
from robomem.perception import locate, merge, segment_clouds
from robomem_envs.household.physical import PhysicalHome


def look_around(home: PhysicalHome) -> dict[str, int]:
    """Pixels of each name in eight pictures, all around, at two heights."""
    pixels: dict[str, int] = {}
    for tilt in (-0.55, 0.0):
        for pan in np.linspace(-3.9, 1.6, 7):
            home._body.set(head_pan=float(pan), head_tilt=tilt)
            home._world.refresh()
            labels, names = home.segmentation(200, 200)
            for k, count in zip(*np.unique(labels[labels >= 0], return_counts=True)):
                pixels[names[k]] = pixels.get(names[k], 0) + int(count)
    return pixels


def box_around(home: PhysicalHome, thing: str) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the upright box around the geoms of a thing that are shown."""
    model, data, world = home._world.model, home._world.data, home._world
    own = np.flatnonzero((world.owner == world.index[thing]) & (model.geom_group == 2) & (model.geom_rgba[:, 3] > 0))
    turn = data.geom_xmat[own].reshape(-1, 3, 3)
    centre = data.geom_xpos[own] + np.einsum("nij,nj->ni", turn, model.geom_aabb[own, :3])
    half = np.einsum("nij,nj->ni", np.abs(turn), model.geom_aabb[own, 3:])
    return (centre - half).min(axis=0), (centre + half).max(axis=0)


@pytest.mark.parametrize("fixture", ["counter_1", "sofa_1"])
def test_rays_and_pictures_agree_on_what_is_seen(fixture: str) -> None:
    home = PhysicalHome("apartment-1", 0)
    assert home.go(fixture).ok
    said, seen = home.visible(), look_around(home)
    plain = {name for name, count in seen.items() if count > 120}
    assert len(plain) > 15
    assert len(plain - said) <= 0.06 * len(plain), plain - said
    assert len(said - set(seen)) <= 0.1 * len(said), said - set(seen)


def test_pictures_have_the_sizes_and_kinds_they_promise() -> None:
    home = PhysicalHome("apartment-1", 0)
    for camera in ("head", "hand", "top", "person"):
        picture = home.picture(128, 96, camera)
        assert picture.shape == (96, 128, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 5
        depth = home.depth(128, 96, camera)
        assert depth.shape == (96, 128)
        assert depth.dtype == np.float32
        assert (depth > 0).all()
        labels, names = home.segmentation(128, 96, camera)
        assert labels.shape == (96, 128)
        assert labels.min() >= -1
        assert labels.max() < len(names)
    with pytest.raises(UnknownNameError, match="head"):
        home.picture(64, 64, "satellite")


def test_a_picture_shows_what_changed() -> None:
    home = PhysicalHome("apartment-1", 0)
    home.go("floor_lamp_1")
    home._look_at(home.position("floor_lamp_1") + np.array([0.0, 0.0, 0.4]))
    off = home.picture(96, 96).astype(int)
    assert home.switch("floor_lamp_1", True).ok
    home._look_at(home.position("floor_lamp_1") + np.array([0.0, 0.0, 0.4]))
    assert np.abs(home.picture(96, 96).astype(int) - off).max() > 20


def test_depth_gives_positions_within_three_centimetres() -> None:
    """One picture of each thing that nothing hides; its size is known, its place is not."""
    home = PhysicalHome("apartment-1", 0)
    errors = {}
    for thing in [t for t in home.things if home.where(t)[0] == "on"][:24]:
        if not home.go(thing).ok or thing not in home.visible():
            continue
        home._look_at(home.position(thing))
        lens, pose = home.lens(500, 500), home.camera_pose()
        labels, names = home.segmentation(500, 500)
        clouds = segment_clouds(home.depth(500, 500), labels, names, lens, pose)
        cloud = merge([clouds[thing]], 0.002)
        low, high = box_around(home, thing)
        if cloud.hidden > 0.1:
            continue
        found = locate(cloud, high - low, pose.origin)
        assert found is not None
        errors[thing] = float(np.linalg.norm(found - (low + high) / 2))
    assert len(errors) >= 8
    assert max(errors.values()) < 0.03, errors
