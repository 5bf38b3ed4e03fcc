import numpy as np
import pytest
from gymnasium import spaces

from robomem import spaces as robomem_spaces
from robomem.errors import ConfigError, SpaceError, UnknownNameError
from robomem.registry import Registry
from robomem.seeding import derive_seed, generator


def test_an_unknown_name_gets_a_suggestion_and_the_list():
    registry = Registry("memory")
    registry.add("hcam", "x:y")
    registry.add("gru", "x:z")
    with pytest.raises(
        UnknownNameError, match=r"memory 'hcan' does not exist\. Did you mean 'hcam'\? Known: gru, hcam\."
    ):
        registry["hcan"]


def test_a_lazy_entry_is_imported_when_asked_for():
    registry = Registry("thing")
    registry.add("lazy", "collections:OrderedDict")
    assert registry["lazy"].__name__ == "OrderedDict"


def test_a_name_is_taken_once_and_the_same_thing_twice_is_harmless():
    registry = Registry("thing")
    registry.add("a", "m:x")
    registry.add("a", "m:x")
    with pytest.raises(ConfigError, match="already registered as m:x"):
        registry.add("a", "m:y")


def test_streams_depend_on_their_path_alone():
    first = generator(7, "evaluate", 3).random(4)
    generator(7, "train").random(100)
    np.testing.assert_array_equal(first, generator(7, "evaluate", 3).random(4))
    draws = {tuple(generator(s, *path).random(2)) for s in (0, 1) for path in [("a",), ("b",), ("a", 0), ("a", 1)]}
    assert len(draws) == 8
    assert len({derive_seed(0, "x", i) for i in range(10_000)}) > 9_990


SPACES = [
    spaces.Box(-1.0, 1.0, (3,), np.float32),
    spaces.Box(np.array([-np.inf, 0.0]), np.array([np.inf, 2.0]), dtype=np.float64),
    spaces.Box(0, 255, (4, 4, 3), np.uint8),
    spaces.Box(0.0, 1.0, (), np.float32),
    spaces.Discrete(5, start=-1),
    spaces.MultiDiscrete([3, 2]),
    spaces.MultiBinary(4),
    spaces.Dict({"a": spaces.Box(-1, 1, (2,)), "b": spaces.Dict({"c": spaces.Discrete(2)})}),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_spaces_survive_json(space):
    import json

    assert robomem_spaces.from_json(json.loads(json.dumps(robomem_spaces.to_json(space)))) == space


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_a_batch_is_told_from_a_single_observation(space):
    from gymnasium.vector.utils import batch_space

    single, batch = space.sample(), batch_space(space, 3).sample()
    assert not robomem_spaces.leading_axis(single, space)
    assert robomem_spaces.leading_axis(batch, space)


def test_other_spaces_and_shapes_are_refused_with_what_to_do():
    with pytest.raises(SpaceError, match=r"Text.*FlattenObservation"):
        robomem_spaces.to_json(spaces.Text(4))
    with pytest.raises(SpaceError, match=r"\(5,\).*takes \(3,\)"):
        robomem_spaces.leading_axis(np.zeros(5), SPACES[0])
    with pytest.raises(SpaceError, match="trained on"):
        robomem_spaces.leading_axis({"x": np.zeros(2)}, SPACES[-1])


def test_a_thing_that_was_imported_can_be_entered_again_by_its_address():
    registry = Registry("number")
    registry.add("pi", "math:pi")
    assert registry["pi"] > 3
    registry.add("pi", "math:pi")
    with pytest.raises(ConfigError, match="math:pi"):
        registry.add("pi", "math:e")
