"""What learns in a pre-trained model, and what its checkpoint holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from robomem.errors import CheckpointError, ConfigError
from robomem_policies.memory_vla.encoders import make
from tests.policies.memory_vla.encoders.small_inputs import PROPRIO, frames
from tests.policies.memory_vla.encoders.tiny_models import FAMILIES, LAYERS, save_tiny

VIEWS = {"front": (32, 32)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {family: save_tiny(family, root / family) for family in FAMILIES}


@pytest.fixture(params=FAMILIES)
def folder(request: pytest.FixtureRequest, folders: dict[str, Path]) -> Path:
    return folders[request.param]


def hub(folder: Path, seed: int = 0, **kwargs: Any) -> Any:
    torch.manual_seed(seed)
    return make(f"hub:{folder}", VIEWS, PROPRIO, **kwargs)


def outputs(encoder: Any) -> Any:
    return encoder(*frames(2, views=VIEWS))


def _weights(x: torch.Tensor) -> torch.Tensor:
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(0))


def learn(encoder: Any) -> None:
    optimizer = torch.optim.SGD([value for value in encoder.parameters() if value.requires_grad], lr=0.5)
    for _ in range(2):  # the second step moves lora_A, whose gradient is zero as long as lora_B is
        optimizer.zero_grad()
        raw, cognition = outputs(encoder)
        ((raw * _weights(raw)).mean() + (cognition * _weights(cognition)).mean()).backward()
        optimizer.step()


def test_a_frozen_model_learns_nothing_and_costs_no_graph(folder: Path) -> None:
    encoder = hub(folder).train()
    before = {name: value.clone() for name, value in encoder.model.state_dict().items()}
    assert not encoder.model.training
    raw, cognition = outputs(encoder)
    assert not raw.requires_grad
    assert cognition.requires_grad
    cognition.sum().backward()
    assert encoder.proprio.weight.grad.abs().sum() > 0
    assert sorted(encoder.saved()) == ["proprio.bias", "proprio.weight"]
    for name, value in encoder.model.state_dict().items():
        assert torch.equal(value, before[name])


def test_proprioception_starts_without_effect(folder: Path) -> None:
    images, proprio, texts = frames(2, views=VIEWS)
    encoder = hub(folder)
    base = encoder(images, proprio, texts)[1]
    assert torch.equal(base, make(f"hub:{folder}", VIEWS, 0)(images, None, texts)[1])
    with torch.no_grad():
        encoder.proprio.weight.add_(1)
    assert not torch.equal(base, encoder(images, proprio, texts)[1])


def test_lora_trains_adapters_alone(folder: Path) -> None:
    rank, frozen = 3, hub(folder)
    encoder = hub(folder, freeze=f"lora-{rank}")
    for a, b in zip(outputs(frozen), outputs(encoder)):
        torch.testing.assert_close(a, b)
    blocks = [
        module
        for name, module in frozen.model.named_modules()
        if isinstance(module, nn.Linear) and (".layers." in name or ".blocks." in name)
    ]
    count = sum(rank * (layer.in_features + layer.out_features) for layer in blocks)
    trained = {name: value for name, value in encoder.model.named_parameters() if value.requires_grad}
    assert all("lora_" in name for name in trained)
    assert sum(value.numel() for value in trained.values()) == count > 0

    before = {name: value.clone() for name, value in encoder.named_parameters()}
    learn(encoder)
    for name, value in encoder.named_parameters():
        last = "vision" in name or "visual" in name  # layers after the tokens get nothing from them
        if not value.requires_grad:
            assert torch.equal(value, before[name]), name
        elif not last:
            assert not torch.equal(value, before[name]), name


@pytest.mark.parametrize("freeze", ["lora-2", "last-1", "none"])
def test_what_was_learnt_comes_back(folder: Path, freeze: str) -> None:
    encoder = hub(folder, freeze=freeze, layer="half")
    learn(encoder)
    arrays = {name: value.numpy().copy() for name, value in encoder.saved().items()}
    config = json.loads(json.dumps(encoder.config()))
    again = hub(folder, 1, **config)
    assert again.config() == config
    again.restore({name: torch.from_numpy(value) for name, value in arrays.items()})
    for a, b in zip(outputs(encoder), outputs(again)):
        torch.testing.assert_close(a, b)
    with pytest.raises(CheckpointError, match="another encoder"):
        again.restore({name: torch.from_numpy(value) for name, value in list(arrays.items())[1:]})


def test_the_last_layers_learn(folder: Path) -> None:
    encoder = hub(folder, freeze="last-1")
    trained = {name for name, value in encoder.model.named_parameters() if value.requires_grad}
    assert trained
    assert all(f".layers.{LAYERS - 1}." in name or ".norm." in name for name in trained)
    assert not any("vision" in name or "visual" in name for name in trained)


def test_everything_learns(folder: Path) -> None:
    assert all(value.requires_grad for value in hub(folder, freeze="none").parameters())


def test_adapters_follow_the_seed(folder: Path) -> None:
    a, b, c = (hub(folder, seed, freeze="lora-2").saved() for seed in (0, 0, 1))
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert any(not torch.equal(a[name], c[name]) for name in a)


def test_adapters_of_half_precision_weights_are_float32(folder: Path) -> None:
    encoder = hub(folder, freeze="lora-2", dtype="bfloat16")
    assert {value.dtype for value in encoder.parameters() if value.requires_grad} == {torch.float32}
    learn(encoder)
    assert all(value.isfinite().all() for value in outputs(encoder))


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"freeze": "some"}, "freeze must be"),
        ({"freeze": "lora-0"}, "freeze must be"),
        ({"freeze": None}, "freeze must be"),
        ({"freeze": f"last-{LAYERS + 1}"}, f"has {LAYERS} layers"),
        ({"layer": 0}, "layer must be"),
        ({"layer": LAYERS + 1}, "layer must be"),
        ({"layer": "third"}, "layer must be"),
        ({"perceptual": "amid"}, "perceptual"),
        ({"prompt": "Go!"}, "where the instruction goes"),
        ({"dtype": "int8"}, "dtype must be"),
        ({"revison": "main"}, "revison"),
    ],
)
def test_fields_out_of_range(folders: dict[str, Path], kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        hub(folders["smolvlm"], **kwargs)
