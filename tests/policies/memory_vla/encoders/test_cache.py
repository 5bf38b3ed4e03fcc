"""Tokens of a frozen encoder on disk: equal to the encoder's, encoded once, never another encoder's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from robomem.errors import ConfigError, DataError, SpaceError
from robomem_policies.memory_vla.encoders import make
from robomem_policies.memory_vla.encoders.cache import CachedTokens
from tests.policies.memory_vla.encoders.small_inputs import PROPRIO, frames
from tests.policies.memory_vla.encoders.tiny_models import save_tiny

VIEWS = {"front": (32, 32), "wrist": (32, 32)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny("smolvlm", tmp_path_factory.mktemp("model"))


def _encoder(folder: Path, **kwargs: Any) -> Any:
    encoder: Any = make(f"hub:{folder}", VIEWS, PROPRIO, **kwargs)
    if encoder.freeze == "all":
        encoder.looked = 0
        look = encoder.look

        def counting(views: Any, texts: Any) -> Any:
            encoder.looked += len(texts)
            return look(views, texts)

        encoder.look = counting
    return encoder


def test_each_frame_is_encoded_once_and_comes_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    encoder = _encoder(folder)
    images, proprio, texts = frames(5, views=VIEWS)
    expected = _encoder(folder)(images, proprio, texts)
    cached = CachedTokens(encoder, tmp_path / "cache")
    some = torch.tensor([4, 1, 1])
    cached({name: image[some] for name, image in images.items()}, proprio[some], [texts[row] for row in some.tolist()])
    assert encoder.looked == len(cached) == 2
    for _ in range(2):
        for before, after in zip(expected, cached(images, proprio, texts)):
            torch.testing.assert_close(before, after)
    assert encoder.looked == len(cached) == 5

    other = _encoder(folder)
    again = CachedTokens(other, tmp_path / "cache")
    for before, after in zip(expected, again(images, proprio, texts)):
        torch.testing.assert_close(before, after)
    assert other.looked == 0


def test_the_weights_of_proprioception_learn_behind_the_cache(folder: Path, tmp_path: Path) -> None:
    cached = CachedTokens(_encoder(folder), tmp_path)
    images, proprio, texts = frames(2, views=VIEWS)
    before = cached(images, proprio, texts)[1]
    before.sum().backward()
    with torch.no_grad():
        cached.encoder.proprio.weight += cached.encoder.proprio.weight.grad
    after = cached(images, proprio, texts)[1]
    assert not torch.allclose(before, after)
    torch.testing.assert_close(after, cached.encoder(images, proprio, texts)[1])


def test_another_encoder_instruction_or_view_is_another_row(folder: Path, tmp_path: Path) -> None:
    images, proprio, texts = frames(1, views=VIEWS)
    swapped = {"front": images["wrist"], "wrist": images["front"]}
    first, second = (CachedTokens(_encoder(folder, layer=layer), tmp_path) for layer in (None, "half"))
    for count, (cached, inputs) in enumerate(
        [(first, (images, texts)), (first, (images, ["wave"])), (first, (swapped, texts)), (second, (images, texts))], 1
    ):
        expected = cached.encoder(inputs[0], proprio, inputs[1])[1]
        torch.testing.assert_close(cached(inputs[0], proprio, inputs[1])[1], expected)
        assert first.encoder.looked + second.encoder.looked == 2 * count


def test_what_cannot_be_cached(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="freeze='all'"):
        CachedTokens(_encoder(folder, freeze="last-1"), tmp_path)
    cached = CachedTokens(_encoder(folder), tmp_path)
    images, proprio, texts = frames(2, views=VIEWS)
    with pytest.raises(SpaceError, match="wrist"):
        cached({"front": images["front"]}, proprio, texts)
    with pytest.raises(DataError, match="empty"):
        cached(images, proprio, ["", "wave"])
    assert len(cached) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_named(folder: Path, tmp_path: Path) -> None:
    cached = CachedTokens(_encoder(folder), tmp_path)
    images, proprio, texts = frames(2, views=VIEWS)
    cached(images, proprio, texts)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DataError, match=f"{path.name} is damaged; delete it"):
        cached(images, proprio, texts)
    with pytest.raises(DataError, match="delete it"):
        CachedTokens(_encoder(folder), tmp_path)
    path.unlink()
    assert CachedTokens(_encoder(folder), tmp_path)(images, proprio, texts)[0].isfinite().all()
