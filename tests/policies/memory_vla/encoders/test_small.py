"""The small encoder: shapes, gradients, rows that do not mix, and what it says about inputs that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError, RobomemError, SpaceError, UnknownNameError
from robomem_policies.memory_vla.encoders import make
from robomem_policies.memory_vla.encoders.attention import Layer
from tests.policies.memory_vla.encoders.small_inputs import PROPRIO, VIEWS, frames


def small(seed: int = 0, views: dict[str, Any] = VIEWS, proprio: int = PROPRIO, **kwargs: Any) -> Any:
    torch.manual_seed(seed)
    return make("small", views, proprio, **{"text": "hash", "width": 32, "heads": 2, **kwargs})


@settings(deadline=None, max_examples=15)
@given(
    rows=st.integers(1, 5),
    views=st.dictionaries(st.sampled_from("abc"), st.tuples(*[st.integers(16, 70)] * 2), min_size=1),
    patch=st.sampled_from([8, 16]),
    depth=st.integers(0, 2),
    fusion=st.integers(1, 2),
    perceptual=st.sampled_from(["before", "after"]),
    proprio=st.sampled_from([0, PROPRIO]),
)
def test_shapes_are_as_declared(rows, views, patch, depth, fusion, perceptual, proprio) -> None:
    encoder = small(views=views, proprio=proprio, patch=patch, depth=depth, fusion=fusion, perceptual=perceptual)
    images, numbers, texts = frames(rows, views=views)
    raw, cognition = encoder(images, numbers if proprio else None, texts)
    assert raw.shape == (rows, encoder.tokens, encoder.width)
    assert cognition.shape == (rows, 1, encoder.cognition)
    assert encoder.tokens == encoder.grid[0] * encoder.grid[1] * encoder.grid[2]
    assert encoder.grid[0] == len(views)
    assert raw.isfinite().all()
    assert cognition.isfinite().all()


def test_default_grids_of_64_pixels() -> None:
    assert small(views={"pixels": (64, 64, 3)}).grid == (1, 4, 4)
    assert small(views={"pixels": (64, 64)}, patch=8).grid == (1, 8, 8)


@pytest.mark.parametrize("perceptual", ["before", "after"])
def test_every_weight_gets_a_gradient_from_both_outputs_together(perceptual: str) -> None:
    encoder = small(perceptual=perceptual)
    raw, cognition = encoder(*frames())
    weights = torch.randn(cognition.shape)
    (raw.square().mean() + (cognition * weights).sum()).backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        if not name.endswith("key_value.bias"):  # half of it, the keys', cancels in the softmax
            assert parameter.grad.abs().sum() > 0, name


def test_perceptual_tokens_before_fusion_do_not_know_the_instruction() -> None:
    images, proprio, texts = frames()
    others = ["close the door"] * len(texts)
    for perceptual, knows in (("before", False), ("after", True)):
        encoder = small(perceptual=perceptual)
        (raw, cognition), (other_raw, other_cognition) = (
            encoder(images, proprio, texts),
            encoder(images, proprio, others),
        )
        assert (not torch.equal(raw, other_raw)) == knows
        assert not torch.allclose(cognition, other_cognition)


def test_after_fusion_the_vision_tokens_leave_and_the_query_is_the_same() -> None:
    before, after = small(), small(perceptual="after")
    seen: list[torch.Tensor] = []
    after.norm.register_forward_hook(lambda module, given, made: seen.append(made))
    raw, cognition = after(*frames())
    assert torch.equal(raw, seen[0][:, -after.tokens :])
    torch.testing.assert_close(cognition, before(*frames())[1])


@pytest.mark.parametrize("first", [None, 1, 3])
def test_a_layer_is_torch_s_pre_norm_layer(first: int | None) -> None:
    torch.manual_seed(0)
    layer = Layer(16, 4, expansion=2).double()
    gelu = torch.nn.GELU("tanh")
    rival = torch.nn.TransformerEncoderLayer(16, 4, 32, 0.0, gelu, batch_first=True, norm_first=True).double().eval()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn_like(parameter))
        rival.self_attn.in_proj_weight.copy_(torch.cat([layer.query.weight, layer.key_value.weight]))
        rival.self_attn.in_proj_bias.copy_(torch.cat([layer.query.bias, layer.key_value.bias]))
    for mine, its in (
        (layer.out, rival.self_attn.out_proj),
        (layer.norm, rival.norm1),
        (layer.norm_mlp, rival.norm2),
        (layer.mlp[0], rival.linear1),
        (layer.mlp[2], rival.linear2),
    ):
        its.load_state_dict(mine.state_dict())
    x = torch.randn(2, 5, 16, dtype=torch.float64)
    torch.testing.assert_close(layer(x, first), rival(x)[:, :first])


def test_the_cognitive_token_knows_image_instruction_and_proprioception() -> None:
    encoder = small()
    images, proprio, texts = frames()
    base = encoder(images, proprio, texts)[1]
    for other in (
        ({**images, "wrist": 255 - images["wrist"]}, proprio, texts),
        (images, proprio + 1, texts),
        (images, proprio, texts[::-1][:2] + ["close the door"]),
    ):
        assert (encoder(*other)[1] - base).abs().amax() > 1e-4


def test_views_are_told_apart() -> None:
    encoder = small(views={"left": (32, 32), "right": (32, 32)})
    images, proprio, texts = frames(views={"left": (32, 32), "right": (32, 32)})
    swapped = {"left": images["right"], "right": images["left"]}
    assert not torch.allclose(encoder(images, proprio, texts)[1], encoder(swapped, proprio, texts)[1], atol=1e-4)


@settings(deadline=None, max_examples=10)
@given(rows=st.integers(2, 9), seed=st.integers(0, 99))
def test_a_frame_depends_on_itself_alone(rows: int, seed: int) -> None:
    encoder = small().eval()
    images, proprio, texts = frames(rows, seed=seed)
    raw, cognition = encoder(images, proprio, texts)
    for row in range(rows):
        alone = encoder({k: v[row : row + 1] for k, v in images.items()}, proprio[row : row + 1], texts[row : row + 1])
        torch.testing.assert_close(alone[0][0], raw[row], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(alone[1][0], cognition[row], atol=1e-5, rtol=1e-4)


def test_pixels_become_numbers_from_minus_one_to_one() -> None:
    encoder = small(views={"pixels": (32, 32)})
    seen: list[torch.Tensor] = []
    encoder.tower.stem.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).expand(1, 32, 32, 3)
    encoder({"pixels": image}, torch.zeros(1, PROPRIO), ["wave"])
    torch.testing.assert_close(seen[0][0, :, 3, 4], torch.tensor([-1.0, -0.6, 1.0]))
    assert seen[0].shape == (1, 3, 32, 32)


def test_a_seed_makes_it_again() -> None:
    (a, b), (c, d) = small(3)(*frames()), small(3)(*frames())
    assert torch.equal(a, c)
    assert torch.equal(b, d)
    assert not torch.equal(a, small(4)(*frames())[0])


def test_bfloat16_is_close() -> None:
    encoder = small()
    with torch.no_grad():
        raw, cognition = encoder(*frames())
        half_raw, half_cognition = encoder.bfloat16()(*frames())
    assert half_raw.dtype == half_cognition.dtype == torch.bfloat16
    assert (half_raw.float() - raw).abs().mean() < 0.05
    assert (half_cognition.float() - cognition).abs().mean() < 0.05


def test_positions_go_on_at_another_image_size() -> None:
    before = small(views={"pixels": (64, 64)})
    after = small(1, views={"pixels": (128, 96)}, positions=before.grid[1:])
    after.restore(before.saved())
    images, proprio, texts = frames(views={"pixels": (128, 96)})
    assert after(images, proprio, texts)[0].shape == (3, 8 * 6, 32)
    again = small(2, **{"views": {"pixels": (128, 96)}, **after.config()})
    again.restore(after.saved())
    assert torch.equal(again(images, proprio, texts)[0], after(images, proprio, texts)[0])


def _wrong_inputs() -> list[tuple[str, Any]]:
    images, proprio, texts = frames()
    return [
        ("wrist", ({"pixels": images["pixels"]}, proprio, texts)),
        (r"\(3, 64, 64, 3\)", ({**images, "pixels": images["pixels"][:, :32]}, proprio, texts)),
        ("uint8", ({**images, "pixels": images["pixels"].float()}, proprio, texts)),
        (r"\(3, 64, 64, 3\)", ({**images, "pixels": images["pixels"].permute(0, 3, 1, 2)}, proprio, texts)),
        ("proprio", (images, None, texts)),
        ("proprio", (images, proprio[:, :-1], texts)),
        ("3 instructions", (images, proprio, texts[:-1])),
        ("3 instructions", (images, proprio, "abc")),
    ]


@pytest.mark.parametrize(("said", "inputs"), _wrong_inputs())
def test_inputs_that_do_not_fit(said: str, inputs: Any) -> None:
    with pytest.raises(SpaceError, match=said):
        small()(*inputs)


@pytest.mark.parametrize(
    ("name", "views", "kwargs", "said"),
    [
        ("smal", VIEWS, {}, "Did you mean 'small'"),
        ("small:big", VIEWS, {}, "nothing comes after small"),
        ("small", {}, {}, "at least one camera view"),
        ("small", ["pixels"], {}, "at least one camera view"),
        ("small", {"pixels": (64, 64, 4)}, {}, "colour images"),
        ("small", {"pixels": (8, 64)}, {}, "smaller than a patch"),
        ("small", VIEWS, {"patch": 7}, "patch must be 8 or 16"),
        ("small", VIEWS, {"width": 32}, "heads divide width"),
        ("small", VIEWS, {"fusion": 0}, "fusion"),
        ("small", VIEWS, {"perceptual": "amid"}, "perceptual must be"),
        ("small", VIEWS, {"text": "st:some/model"}, "text_width"),
        ("small", VIEWS, {"depht": 2}, "depht"),
        ("small", VIEWS, {"positions": [4]}, "positions"),
    ],
)
def test_what_cannot_be_made(name: str, views: Any, kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(RobomemError, match=said) as caught:
        make(name, views, PROPRIO, **kwargs)
    assert isinstance(caught.value, (ConfigError, SpaceError, UnknownNameError))


def test_proprio_width_is_a_number() -> None:
    with pytest.raises(ConfigError, match="proprio_width"):
        make("small", VIEWS, -1)


@pytest.mark.gpu
def test_it_runs_on_an_accelerator() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no accelerator")
    images, proprio, texts = frames()
    encoder = small()
    raw, cognition = encoder(images, proprio, texts)
    on_gpu = encoder.cuda()({name: image.cuda() for name, image in images.items()}, proprio.cuda(), texts)
    torch.testing.assert_close(on_gpu[0].cpu(), raw, atol=2e-2, rtol=2e-2)
    torch.testing.assert_close(on_gpu[1].cpu(), cognition, atol=2e-2, rtol=2e-2)
