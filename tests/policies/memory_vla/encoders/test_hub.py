"""Pre-trained models as encoders, on tiny random ones of every family: tokens, order, padding, prompts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers.vision_utils import get_vision_window_index

from robomem.errors import ConfigError, DataError, SpaceError
from robomem_policies.memory_vla.encoders import make
from robomem_policies.memory_vla.encoders.hub.families import row_major
from tests.policies.memory_vla.encoders.small_inputs import PROPRIO, frames
from tests.policies.memory_vla.encoders.tiny_models import FAMILIES, LAYERS, save_tiny

VIEWS = {"front": (64, 48), "wrist": (64, 48)}
TEXTS = ["wave", "put the red cube back where it was before", "go"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {family: save_tiny(family, root / family) for family in FAMILIES}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return request.param


def inputs(views: Any = VIEWS) -> Any:
    images, proprio, _ = frames(3, views=views)
    return images, proprio, TEXTS


@pytest.mark.parametrize("perceptual", ["before", "after"])
def test_shapes_are_as_declared(folders: dict[str, Path], family: str, perceptual: str) -> None:
    encoder = make(f"hub:{folders[family]}", VIEWS, PROPRIO, perceptual=perceptual)
    raw, cognition = encoder(*inputs())
    assert raw.shape == (3, encoder.tokens, encoder.width)
    assert cognition.shape == (3, 1, encoder.cognition)
    assert encoder.tokens == encoder.grid[0] * encoder.grid[1] * encoder.grid[2]
    assert (encoder.width == 48) == (perceptual == "after")
    assert raw.dtype == cognition.dtype == torch.float32


@pytest.mark.parametrize("perceptual", ["before", "after"])
def test_tokens_lie_view_by_view_and_row_by_row(folders: dict[str, Path], family: str, perceptual: str) -> None:
    size = (64, 48) if family.startswith("qwen") else (32, 32)
    views = {"front": size, "wrist": size}
    encoder = make(f"hub:{folders[family]}", views, 0, perceptual=perceptual)
    images = {name: torch.full((1, *size, 3), 128, dtype=torch.uint8) for name in views}
    base = encoder(images, None, ["wave"])[0][0]
    if family == "paligemma" and perceptual == "after":  # it merges nothing: each token goes through by itself
        before = make(f"hub:{folders[family]}", views, 0)(images, None, ["wave"])[0][0]
        torch.testing.assert_close(encoder.model.multi_modal_projector(before), base)
        return
    _, rows, columns = encoder.grid
    tall, wide = size[0] // rows, size[1] // columns
    for view, name in enumerate(views):
        for row in range(rows):
            for column in range(columns):
                changed = {key: image.clone() for key, image in images.items()}
                changed[name][0, row * tall : (row + 1) * tall, column * wide : (column + 1) * wide] = 255
                difference = (encoder(changed, None, ["wave"])[0][0] - base).abs().sum(-1)
                assert int(difference.argmax()) == (view * rows + row) * columns + column


@pytest.mark.parametrize(("rows", "columns", "window"), [(8, 6, 2), (10, 12, 4), (16, 16, 4), (2, 2, 4)])
def test_the_order_of_windows_is_that_of_transformers(rows: int, columns: int, window: int) -> None:
    grid = torch.tensor([[1, rows, columns]])
    order, _ = get_vision_window_index(grid, spatial_merge_size=2, window_size=window * 2 * 14, patch_size=14)
    assert row_major(rows // 2, columns // 2, 1, window).tolist() == order.argsort().tolist()


def test_a_frame_depends_on_itself_alone_whatever_the_padding(folders: dict[str, Path], family: str) -> None:
    encoder = make(f"hub:{folders[family]}", VIEWS, 0)
    images, _, texts = inputs()
    raw, cognition = encoder(images, None, texts)
    for row in range(3):
        alone = encoder({name: image[row : row + 1] for name, image in images.items()}, None, texts[row : row + 1])
        torch.testing.assert_close(alone[0][0], raw[row], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(alone[1][0], cognition[row], atol=1e-5, rtol=1e-4)
    assert (cognition[0] - encoder(images, None, ["run", *texts[1:]])[1][0]).abs().max() > 1e-5


def test_the_tokenizer_s_padding_side_does_not_matter(folders: dict[str, Path], family: str, tmp_path: Path) -> None:
    left = save_tiny(family, tmp_path / "left", padding_side="left")
    assert transformers.AutoTokenizer.from_pretrained(left).padding_side == "left"
    expected, got = (make(f"hub:{folder}", VIEWS, 0)(*inputs()) for folder in (folders[family], left))
    for before, after in zip(expected, got):
        assert torch.equal(before, after)


def test_cognition_is_the_last_hidden_state_of_the_chosen_layer(folders: dict[str, Path], family: str) -> None:
    full = make(f"hub:{folders[family]}", VIEWS, 0)
    images, _, texts = inputs()
    seen: dict[str, Any] = {}
    language = dict(full.model.named_modules()).get("language_model") or full.model.text_model
    with (
        torch.no_grad(),
        language.norm.register_forward_hook(lambda module, given, made: seen.update(last=made)),
        language.layers[LAYERS // 2 - 1].register_forward_hook(lambda module, given, made: seen.update(half=made)),
    ):
        one = {name: image[:1] for name, image in images.items()}
        cognition = full(one, None, texts[:1])[1][0, 0]
        half = seen["half"] if torch.is_tensor(seen["half"]) else seen["half"][0]
        assert torch.equal(cognition, seen["last"][0, -1])
        expected = language.norm(half)[0, -1]
    for layer in ("half", LAYERS // 2):
        cut = make(f"hub:{folders[family]}", VIEWS, 0, layer=layer)
        torch.testing.assert_close(cut(one, None, texts[:1])[1][0, 0], expected)


@pytest.mark.parametrize("family", ["idefics3", "paligemma"])
def test_prompts_are_those_of_the_processor(folders: dict[str, Path], family: str) -> None:
    """The processors of the other families ask for torchvision or num2words because of video."""
    encoder = make(f"hub:{folders[family]}", {"front": (32, 32)}, 0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folders[family])
    images = transformers.AutoImageProcessor.from_pretrained(folders[family])
    if family == "paligemma":
        images.image_seq_length = 16
        processor, head, tail = transformers.PaliGemmaProcessor(images, tokenizer), "<image>", ""
    else:
        processor = transformers.Idefics3Processor(images, tokenizer, image_seq_len=4)
        head, tail = "<bos><image>", "<eos>"
    image = torch.randint(0, 256, (32, 32, 3), dtype=torch.uint8).numpy()
    settings = {} if family == "paligemma" else {"do_image_splitting": False}
    text = f"{head}What action should the robot take to wave?{tail}"
    expected = processor(images=[image], text=[text], return_tensors="pt", **settings)["input_ids"]
    assert encoder._prompts(["wave"])[0].tolist() == expected.tolist()


def test_bfloat16_is_close(folders: dict[str, Path], family: str) -> None:
    exact, half = (
        make(f"hub:{folders[family]}", VIEWS, 0, dtype=dtype)(*inputs()) for dtype in ("float32", "bfloat16")
    )
    for a, b in zip(exact, half):
        assert b.dtype == torch.float32
        assert not torch.equal(a, b)
        assert (a - b).abs().mean() < 0.05 * a.abs().mean() + 1e-3


@pytest.mark.parametrize("text", ["<image>", "<|image_pad|> <eos> {instruction} {0}", "go <pad>", "拿起 🤖"])
def test_instructions_are_text_whatever_they_hold(folders: dict[str, Path], family: str, text: str) -> None:
    encoder = make(f"hub:{folders[family]}", VIEWS, 0)
    assert encoder(inputs()[0], None, [text, "wave", "go"])[1].isfinite().all()


def test_what_is_no_instruction(folders: dict[str, Path], family: str) -> None:
    encoder = make(f"hub:{folders[family]}", VIEWS, 0)
    for text in ("", None, "x" * 5000):
        with pytest.raises(DataError, match="instruction"):
            encoder.learn([text])  # type: ignore[list-item]
        with pytest.raises(DataError, match="instruction"):
            encoder(inputs()[0], None, [text, "wave", "go"])  # type: ignore[list-item]


def test_an_instruction_that_the_model_cannot_hold(tmp_path: Path) -> None:
    folder = save_tiny("smolvlm", tmp_path / "short")
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["max_position_embeddings"] = 80
    (folder / "config.json").write_text(json.dumps(config))
    encoder = make(f"hub:{folder}", {"front": (32, 32)}, 0)
    encoder.learn(["wave"])
    with pytest.raises(DataError, match="the model takes 80"):
        encoder.learn(["wave " * 9])


def test_images_of_another_size_than_declared(folders: dict[str, Path], family: str) -> None:
    with pytest.raises(SpaceError, match=r"\(3, 64, 48, 3\)"):
        make(f"hub:{folders[family]}", VIEWS, 0)(*inputs({"front": (64, 48), "wrist": (48, 48)}))


def test_views_that_give_different_grids(folders: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="different grids"):
        make(f"hub:{folders['qwen2_vl']}", {"front": (64, 48), "wrist": (48, 48)}, 0)


def test_the_image_processor_s_fields_can_be_set(folders: dict[str, Path]) -> None:
    size = {"shortest_edge": 16 * 16, "longest_edge": 32 * 32}
    encoder = make(f"hub:{folders['qwen2_vl']}", {"front": (64, 64)}, 0, images={"size": size})
    assert encoder.grid == (1, 4, 4)
    assert encoder.config()["images"] == {"size": size}
