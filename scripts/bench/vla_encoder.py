"""How fast the small encoder of MemoryVLA is. Writes docs/results/vla_encoder.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/vla_encoder.py

Times are process CPU time on one thread, the least of several repetitions in which all rivals take turns; compare them
within a run only. The peer is the ViT of Hugging Face transformers, of the same width, heads, number of layers and
grid, which sees the same images and reads neither instruction nor proprioception.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import tyro
from torch import Tensor, nn

from robomem_policies.memory_vla.encoders import make

RESULTS = Path(__file__).parents[2] / "docs" / "results"
SIDE, PROPRIO = 64, 10
VARIANTS: dict[str, dict[str, Any]] = {
    "default: 4 x 4 tokens, width 96, 2 + 2 layers": {},
    "8 x 8 tokens": {"patch": 8},
    "width 128, 4 heads": {"width": 128, "heads": 4},
    "one fusion layer": {"fusion": 1},
}


class Peer(nn.Module):
    """transformers' ViT as an image encoder."""

    def __init__(self, patch: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        from transformers import ViTConfig, ViTModel

        sizes = {"image_size": SIDE, "patch_size": patch, "hidden_size": width, "intermediate_size": 4 * width}
        config = ViTConfig(num_hidden_layers=layers, num_attention_heads=heads, **sizes)
        self.vit = ViTModel(config, add_pooling_layer=False)

    def forward(self, views: dict[str, Tensor], proprio: Tensor, texts: list[str]) -> tuple[Tensor, Tensor]:
        pixels = views["pixels"].permute(0, 3, 1, 2).float() / 127.5 - 1
        tokens = self.vit(pixels).last_hidden_state
        return tokens[:, 1:], tokens[:, :1]


def measure(frames: int = 192, repetitions: int = 10) -> None:
    """Time every variant and the peers, and write the page.

    Args:
        frames: of the batch that is learned from, in groups of 16 that share an instruction.
        repetitions: the least of which counts.
    """
    torch.set_num_threads(1)
    texts = [f"do task {row // 16}" for row in range(frames)]
    views = {"pixels": torch.randint(0, 256, (frames, SIDE, SIDE, 3), dtype=torch.uint8)}
    proprio = torch.randn(frames, PROPRIO)
    rivals: dict[str, Any] = {}
    for name, fields in VARIANTS.items():
        rivals[name] = make("small", {"pixels": (SIDE, SIDE)}, PROPRIO, text="hash", **fields)
        rivals[name].learn(texts)
    rivals["transformers ViT: 4 x 4 tokens, width 96, 4 layers"] = Peer(16, 96, 4, 3)
    rivals["transformers ViT: 8 x 8 tokens, width 96, 4 layers"] = Peer(8, 96, 4, 3)

    def learn(encoder: Any) -> None:
        raw, cognition = encoder(views, proprio, texts)
        (raw.sum() + cognition.sum()).backward()

    def act(encoder: Any) -> None:
        with torch.inference_mode():
            for row in range(10):
                one = slice(row, row + 1)
                encoder({"pixels": views["pixels"][one]}, proprio[one], texts[one])

    learning, acting = (_least(rivals, work, repetitions) for work in (learn, act))
    rows = [
        {
            "encoder": name,
            "parameters": sum(value.numel() for value in encoder.parameters()),
            "learn_s": learning[name],
            "act_ms": 100 * acting[name],
        }
        for name, encoder in rivals.items()
    ]
    facts = {"frames": frames, "torch": torch.__version__, "machine": platform.machine(), "rows": rows}
    (RESULTS / "vla_encoder.json").write_text(json.dumps(facts, indent=2) + "\n")
    (RESULTS / "vla_encoder.md").write_text(_page(facts))


def _least(rivals: dict[str, Any], work: Callable[[Any], None], repetitions: int) -> dict[str, float]:
    least = dict.fromkeys(rivals, float("inf"))
    for repetition in range(repetitions + 1):  # the first one warms up
        for name, encoder in rivals.items():
            start = time.process_time()
            work(encoder)
            if repetition:
                least[name] = min(least[name], time.process_time() - start)
    return least


def _page(facts: dict[str, Any]) -> str:
    base = facts["rows"][0]
    lines = [
        f"| {row['encoder']} | {row['parameters'] / 1e6:.2f} M | {row['learn_s']:.3f} | "
        f"{row['learn_s'] / base['learn_s']:.2f} | {row['act_ms']:.2f} | {row['act_ms'] / base['act_ms']:.2f} |"
        for row in facts["rows"]
    ]
    table = "\n".join(lines)
    return f"""# Speed of the small encoder

`OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/vla_encoder.py`, torch {facts["torch"]},
{facts["machine"]}. Process CPU time on one thread, the least of several repetitions in turn; images of 64 x 64. *Learn*
is forward and backward of {facts["frames"]} frames, *act* forward of one frame. The peer reads neither instruction nor
proprioception.

| encoder | weights | learn, s | ratio | act, ms | ratio |
|---|---:|---:|---:|---:|---:|
{table}
"""


if __name__ == "__main__":
    tyro.cli(measure)
