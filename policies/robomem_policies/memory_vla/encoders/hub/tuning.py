"""Which weights of a pre-trained model learn: none, all, low-rank adapters, or the last layers."""

from __future__ import annotations

import re
from typing import Any

from torch import nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.encoders.hub.families import Parts

__all__ = ["apply_freeze", "keep_layers"]

_POLICY = re.compile(r"all|none|(lora|last)-([1-9]\d{0,4})")


def apply_freeze(model: nn.Module, parts: Parts, freeze: str) -> None:
    """Mark what learns, and insert adapters.

    Args:
        model: changed in place.
        parts: of it.
        freeze: ``"all"``; ``"none"``; ``"lora-R"``, adapters of rank R (Hu et al. 2021) in every linear layer of the
            vision tower's and the language model's blocks, in float32; ``"last-K"``, the last K layers of the language
            model and its last norm.

    Raises:
        ConfigError: it is none of these, there are not so many layers, or peft is not installed.
    """
    found = _POLICY.fullmatch(freeze) if isinstance(freeze, str) else None
    if found is None:
        raise ConfigError(f"freeze must be all, none, lora-R (a rank) or last-K (layers), not {freeze!r}.")
    model.requires_grad_(freeze == "none")
    if found[1] == "last":
        _free_last(parts.language, int(found[2]))
    elif found[1] == "lora":
        _insert_adapters(model, parts, int(found[2]))


def keep_layers(language: nn.Module, layer: int | str | None) -> None:
    """Cut a language model off after a layer; its last norm stays.

    Args:
        language: changed in place.
        layer: how many layers stay; ``"half"``, the floor of half of them (SmolVLA); None, all.

    Raises:
        ConfigError: there are not so many layers.
    """
    layers: Any = language.layers
    count = len(layers) // 2 if layer == "half" else layer
    if count is None:
        return
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(layers):
        raise ConfigError(
            f"layer must be 'half' or 1 to {len(layers)}, the layers of the language model, not {layer!r}."
        )
    language.layers = layers[:count]
    config: Any = language.config
    config.num_hidden_layers = count


def _free_last(language: nn.Module, count: int) -> None:
    layers: Any = language.layers
    if count > len(layers):
        raise ConfigError(f"freeze='last-{count}', but the language model has {len(layers)} layers.")
    layers[-count:].requires_grad_(True)
    norm: Any = getattr(language, "norm", None)
    if norm is not None:
        norm.requires_grad_(True)


def _insert_adapters(model: nn.Module, parts: Parts, rank: int) -> None:
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise ConfigError("freeze='lora-R' needs peft; run pip install 'robomem[vla]'.") from None
    inside = {id(module) for part in (parts.vision, parts.language) for module in _blocks(part).modules()}
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and id(module) in inside]
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=rank, target_modules=names), model)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def _blocks(part: nn.Module) -> nn.Module:
    for name, module in part.named_modules():
        if isinstance(module, nn.ModuleList) and name.split(".")[-1] in ("layers", "blocks"):
            return module
    raise ConfigError(f"{type(part).__name__} has no list of layers for adapters to go into.")
