"""The simulation's small surface, on whichever MuJoCo is installed."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from robomem.errors import CheckpointError
from robomem_envs.engine.simulation import index, simulate

_MODEL = """
<mujoco>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="target" mocap="true" pos=".3 .2 .5"><site name="mark"/></body>
    <body name="second" mocap="true" pos="-.3 .2 .6"/>
    <body name="pole" pos="0 0 .3">
      <joint name="swing" type="hinge" axis="0 1 0" damping=".01"/>
      <geom type="capsule" fromto="0 0 0 .2 0 .1" size=".03"/>
      <site name="tip" pos=".2 0 .1"/>
    </body>
    <body name="ball" pos=".1 0 .4"><freejoint/><geom size=".05"/></body>
  </worldbody>
  <actuator><motor name="push" joint="swing" gear=".3"/></actuator>
</mujoco>
"""


def model() -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_string(_MODEL)


def scatter(simulation, rng: np.random.Generator) -> None:
    rows = np.arange(simulation.batch)
    simulation.reset(rows)
    simulation.qpos[:, 0] = rng.uniform(-1, 1, len(rows))
    simulation.qvel[:] = rng.normal(size=simulation.qvel.shape)
    simulation.mocap_pos[:, 0] = rng.normal(size=(len(rows), 3))
    simulation.forward(rows)


@pytest.mark.parametrize("threads", [1, 2])
def test_follows_one_mjdata_stepped_alone(threads: int) -> None:
    """On MuJoCo 4 to the last bit; on 3 to the solver tolerance, as each control step starts it cold."""
    simulation, rng = simulate(model(), 3, threads), np.random.default_rng(0)
    scatter(simulation, rng)
    tip = simulation.derived("site_xpos")
    alone = [mujoco.MjData(simulation.model) for _ in range(3)]
    for row, data in enumerate(alone):
        data.qpos[:], data.qvel[:] = simulation.qpos[row], simulation.qvel[row]
        data.mocap_pos[:] = simulation.mocap_pos[row]
    exact = int(mujoco.__version__.split(".")[0]) >= 4
    for _ in range(20):
        simulation.ctrl[:] = rng.uniform(-1, 1, (3, 1))
        assert not simulation.step(4).any()
        for row, data in enumerate(alone):
            data.ctrl[:] = simulation.ctrl[row]
            mujoco.mj_step(simulation.model, data, 4)
            mujoco.mj_forward(simulation.model, data)
            for ours, theirs in ((simulation.qpos, data.qpos), (simulation.qvel, data.qvel), (tip, data.site_xpos)):
                if exact:
                    np.testing.assert_array_equal(ours[row], theirs)
                else:
                    np.testing.assert_allclose(ours[row], theirs, atol=1e-5)
    assert np.ptp(simulation.qpos[:, 3]) > 0.01, "the rows must differ for this to mean anything"


def test_rows_do_not_depend_on_their_neighbours_or_the_threads() -> None:
    whole, single = simulate(model(), 5, 2), simulate(model(), 1, 1)
    scatter(whole, np.random.default_rng(1))
    single.reset(np.arange(1))
    for field in ("qpos", "qvel", "mocap_pos"):
        getattr(single, field)[0] = getattr(whole, field)[3]
    single.forward(np.arange(1))
    rng = np.random.default_rng(2)
    for _ in range(30):
        whole.ctrl[:] = rng.uniform(-1, 1, (5, 1))
        single.ctrl[:] = whole.ctrl[3]
        whole.step(3)
        single.step(3)
        np.testing.assert_array_equal(single.qpos[0], whole.qpos[3])
        np.testing.assert_array_equal(single.derived("xpos")[0], whole.derived("xpos")[3])


def test_derived_fields_are_live_and_follow_mocap_bodies() -> None:
    simulation = simulate(model(), 2, 1)
    marks = simulation.derived("site_xpos")
    mark = index(simulation.model, mujoco.mjtObj.mjOBJ_SITE, ["mark"])[0]
    scatter(simulation, np.random.default_rng(3))
    np.testing.assert_allclose(marks[:, mark], simulation.mocap_pos[:, 0])
    simulation.mocap_pos[1, 0] = [1.0, 2.0, 3.0]
    simulation.step(1)
    np.testing.assert_allclose(marks[1, mark], [1.0, 2.0, 3.0])


def test_reset_touches_only_its_rows() -> None:
    simulation = simulate(model(), 3, 1)
    scatter(simulation, np.random.default_rng(4))
    simulation.ctrl[:] = 0.5
    simulation.step(5)
    before = simulation.state()
    simulation.reset(np.array([1]))
    simulation.forward(np.array([1]))
    after, fresh = simulation.state(), simulate(model(), 1, 1).state()
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    np.testing.assert_array_equal(after[1], fresh[0])


@pytest.mark.parametrize("broken", [False, True])
def test_a_row_that_was_reset_goes_on_as_a_fresh_one(broken: bool) -> None:
    used, fresh = simulate(model(), 2, 1), simulate(model(), 2, 1)
    scatter(used, np.random.default_rng(9))
    used.step(50)
    if broken:
        used.qvel[:, 1] = np.nan
        assert used.step(3).all()
    for each in (used, fresh):
        each.reset(np.arange(2))
        each.qpos[:, 0] = [0.4, -0.7]
        each.forward(np.arange(2))
    for _ in range(40):
        for each in (used, fresh):
            each.ctrl[:] = 0.2
            each.step(3)
        np.testing.assert_array_equal(used.state(), fresh.state())
        np.testing.assert_array_equal(used.derived("site_xpos"), fresh.derived("site_xpos"))
        np.testing.assert_array_equal(used.derived("cvel"), fresh.derived("cvel"))


def test_state_round_trip_is_exact() -> None:
    simulation, rng = simulate(model(), 3, 1), np.random.default_rng(5)
    scatter(simulation, rng)
    simulation.step(7)
    saved = simulation.state()
    tip = simulation.derived("site_xpos").copy()
    simulation.ctrl[:] = 0.3
    simulation.step(9)
    first = simulation.state()
    simulation.load_state(saved)
    np.testing.assert_array_equal(simulation.derived("site_xpos"), tip)
    simulation.ctrl[:] = 0.3
    simulation.step(9)
    np.testing.assert_array_equal(simulation.state(), first)
    with pytest.raises(CheckpointError):
        simulation.load_state(saved[:2])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e7, -1e7])
def test_a_broken_row_is_reported_and_put_back(value: float) -> None:
    simulation, twin = simulate(model(), 3, 1), simulate(model(), 3, 1)
    for each in (simulation, twin):
        scatter(each, np.random.default_rng(6))
    simulation.qvel[1, 0] = value
    assert simulation.step(2).tolist() == [False, True, False]
    assert not twin.step(2).any()
    np.testing.assert_array_equal(simulation.qpos[[0, 2]], twin.qpos[[0, 2]])
    np.testing.assert_array_equal(simulation.qpos[1], simulation.model.qpos0)
    np.testing.assert_array_equal(simulation.derived("xpos")[1], simulate(model(), 1, 1).derived("xpos")[0])
    assert not simulation.step(2).any()


def test_data_copies_a_row_for_pictures() -> None:
    simulation = simulate(model(), 2, 1)
    scatter(simulation, np.random.default_rng(7))
    data = simulation.data(1, mujoco.MjData(simulation.model))
    np.testing.assert_array_equal(data.site_xpos, simulation.derived("site_xpos")[1])


def test_index_names_what_is_missing() -> None:
    with pytest.raises(KeyError, match="no site named 'nose'"):
        index(model(), mujoco.mjtObj.mjOBJ_SITE, ["tip", "nose"])


@pytest.mark.skipif(int(mujoco.__version__.split(".")[0]) < 4, reason="MuJoCo 3 has no batch")
def test_a_row_in_which_mujoco_raises_counts_as_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    from mujoco.batch import Batch, SimulationError

    simulation, step = simulate(model(), 3, 1), Batch.step
    scatter(simulation, np.random.default_rng(8))

    def fail(self: Batch, **options: int) -> None:
        step(self, **options)
        raise SimulationError(np.array([2]), "singular")

    monkeypatch.setattr(Batch, "step", fail)
    assert simulation.step(2).tolist() == [False, False, True]
    np.testing.assert_array_equal(simulation.qpos[2], simulation.model.qpos0)
