"""The twins move, weigh and stop like the published arms, against their packages or numbers taken from these."""

import json

import numpy as np
import pytest
from published_kinematics import GOLDEN, PUBLISHED, measure, pose

from robomem_assets import arms

REFERENCES = [(name, "golden") for name in PUBLISHED] + [(name, "package") for name in PUBLISHED]


@pytest.fixture(params=REFERENCES, ids="-".join)
def twin_and_reference(request):
    name, source = request.param
    if source == "golden":
        return name, json.loads(GOLDEN.read_text(encoding="utf-8"))[name]
    if PUBLISHED[name].path() is None:
        pytest.skip(f"{PUBLISHED[name].module} is not installed")
    return name, measure(PUBLISHED[name])


def test_end_effector_is_within_a_millimetre_and_a_tenth_of_a_degree(twin_and_reference):
    name, reference = twin_and_reference
    model = arms.load(name).spec().compile()
    for sample in reference["samples"]:
        ours = pose(model, PUBLISHED[name], sample["angles"])
        np.testing.assert_allclose(ours["position"], sample["position"], atol=1e-3)
        np.testing.assert_allclose(ours["rotation"], sample["rotation"], atol=np.radians(0.1))


def test_masses_are_where_the_published_ones_are(twin_and_reference):
    name, reference = twin_and_reference
    model = arms.load(name).spec().compile()
    masses = [model.body(body).mass[0] for body in PUBLISHED[name].bodies]
    np.testing.assert_allclose(masses, reference["masses"], rtol=1e-3)
    for sample in reference["samples"]:
        ours = pose(model, PUBLISHED[name], sample["angles"])
        np.testing.assert_allclose(ours["centre_of_mass"], sample["centre_of_mass"], atol=1e-3)


def test_joint_limits_are_the_published_ones(twin_and_reference):
    name, reference = twin_and_reference
    model = arms.load(name).spec().compile()
    limits = [model.joint(joint).range for joint in PUBLISHED[name].joints]
    np.testing.assert_allclose(limits, reference["limits"], atol=1e-4)
