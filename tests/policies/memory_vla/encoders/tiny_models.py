"""Vision-language models of a few thousand random weights, saved as a user's folder would be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

FAMILIES = ("idefics3", "smolvlm", "paligemma", "qwen2_vl", "qwen2_5_vl")
LAYERS = 4
_TEXT = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": LAYERS, "num_attention_heads": 4}
_EYE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}


def save_tiny(family: str, folder: Path, *, padding_side: str = "right") -> Path:
    """Write a model, its image processor and its tokenizer, as their ``save_pretrained`` do."""
    torch.manual_seed(0)
    config, tokenizer, images = {
        "idefics3": _idefics,
        "smolvlm": _idefics,
        "paligemma": _paligemma,
        "qwen2_vl": _qwen,
        "qwen2_5_vl": _qwen,
    }[family](family, {"padding_side": padding_side})
    transformers.AutoModelForImageTextToText.from_config(config).save_pretrained(folder)
    images.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(special: list[str], options: dict[str, Any]) -> Any:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(alphabet)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=bytewise, **names, **options)
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    return tokenizer


def _ends(tokenizer: Any) -> dict[str, Any]:
    names = ("pad_token_id", "bos_token_id", "eos_token_id")
    return {"vocab_size": len(tokenizer), **{name: getattr(tokenizer, name) for name in names}}


def _idefics(family: str, options: dict[str, Any]) -> tuple[Any, Any, Any]:
    tokenizer = _tokenizer(["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"], options)
    kind = transformers.SmolVLMConfig if family == "smolvlm" else transformers.Idefics3Config
    config = kind(
        vision_config={**_EYE, "image_size": 32, "patch_size": 8},
        text_config={"model_type": "llama", "num_key_value_heads": 2, **_TEXT, **_ends(tokenizer)},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )
    image = transformers.SmolVLMImageProcessor if family == "smolvlm" else transformers.Idefics3ImageProcessor
    return config, tokenizer, image(max_image_size={"longest_edge": 32}, size={"longest_edge": 64})


def _paligemma(family: str, options: dict[str, Any]) -> tuple[Any, Any, Any]:
    tokenizer = _tokenizer(["<image>"], options)
    eye = {"model_type": "siglip_vision_model", "image_size": 32, "patch_size": 8, "vision_use_head": False}
    config = transformers.PaliGemmaConfig(
        vision_config={**_EYE, **eye},
        text_config={"model_type": "gemma", "num_key_value_heads": 1, "head_dim": 12, **_TEXT, **_ends(tokenizer)},
        projection_dim=48,
        hidden_size=48,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    image = transformers.SiglipImageProcessor(size={"height": 32, "width": 32})
    image.image_seq_length = 16
    return config, tokenizer, image


def _qwen(family: str, options: dict[str, Any]) -> tuple[Any, Any, Any]:
    tokenizer = _tokenizer(["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"], options)
    names = {"vision_start": "vision_start", "vision_end": "vision_end", "image": "image_pad", "video": "video_pad"}
    ids = {f"{key}_token_id": tokenizer.convert_tokens_to_ids(f"<|{name}|>") for key, name in names.items()}
    rope = {"rope_type": "default", "mrope_section": [2, 2, 2], "rope_theta": 1e6}
    text = {"num_key_value_heads": 2, "rope_parameters": rope, **_TEXT, **_ends(tokenizer)}
    if family == "qwen2_vl":
        eye = {"depth": 2, "embed_dim": 32, "hidden_size": 48, "num_heads": 2, "mlp_ratio": 2, "patch_size": 8}
        config = transformers.Qwen2VLConfig(vision_config=eye, text_config=text, **ids)
    else:
        eye = {"depth": 2, "hidden_size": 32, "out_hidden_size": 48, "num_heads": 2, "intermediate_size": 64}
        eye |= {"patch_size": 8, "window_size": 32, "fullatt_block_indexes": [1]}
        config = transformers.Qwen2_5_VLConfig(vision_config=eye, text_config=text, **ids)
    size = {"shortest_edge": 32 * 32, "longest_edge": 64 * 64}
    return config, tokenizer, transformers.Qwen2VLImageProcessor(patch_size=8, size=size)
