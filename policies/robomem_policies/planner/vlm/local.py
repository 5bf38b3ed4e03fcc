"""A chat model of ``transformers`` in a local folder: with eyes where its processor has them, else for text alone."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robomem.errors import ConfigError
from robomem_policies.planner.vlm.chat import AnswerError, Completion, Message

__all__ = ["LocalModel"]


class LocalModel:
    """A model and its processor, loaded once a process. Only safetensors are read, and no code of the folder is run.

    Args:
        folder: as ``save_pretrained`` writes it.
        max_tokens: of an answer.
    """

    def __init__(self, folder: str, *, max_tokens: int = 2048) -> None:
        path = Path(folder)
        if not (path / "config.json").is_file():
            raise ConfigError(f"hf:{folder} holds no config.json; give the folder of a model of transformers.")
        self.name, self._max_tokens = f"hf:{folder}", max_tokens
        files = sorted((file.name, file.stat().st_size) for file in path.glob("*") if file.is_file())
        described = [str(files), (path / "config.json").read_text(encoding="utf-8")]
        self.fingerprint = hashlib.sha256("\n".join(described).encode()).hexdigest()
        self._processor, self._model, self._sees = _load(str(path.resolve()))

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Completion:
        """Answer greedily; see ``ChatModel.complete``. The schema is told by the prompt alone."""
        import torch

        spoken = [_spoken(message, self._sees) for message in messages]
        inputs = self._processor.apply_chat_template(
            spoken, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        ).to(self._model.device)
        length = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            output = self._model.generate(**inputs, max_new_tokens=self._max_tokens, do_sample=False)
        written = output[0, length:]
        text = self._processor.decode(written, skip_special_tokens=True)
        if not text.strip():
            raise AnswerError("the answer is empty")
        return Completion(text, length, len(written))


@functools.lru_cache(maxsize=1)
def _load(folder: str) -> tuple[Any, Any, bool]:
    try:
        import torch
        import transformers
    except ImportError:
        raise ConfigError("hf:FOLDER needs transformers; run pip install 'robomem[planner]'.") from None
    known = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **known)
        sees = type(config) in transformers.AutoModelForImageTextToText._model_mapping
        kind = transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
        reader = transformers.AutoProcessor if sees else transformers.AutoTokenizer
        model: Any = kind.from_pretrained(folder, use_safetensors=True, dtype="auto", **known)
        model = model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        return reader.from_pretrained(folder, **known), model, sees
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ConfigError(f"hf:{folder} cannot be loaded: {error}") from error


def _spoken(message: Message, sees: bool) -> dict[str, Any]:
    content = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not sees:
        text = "\n".join(part["text"] for part in parts if part["type"] == "text")
        return {"role": message["role"], "content": text}
    return {"role": message["role"], "content": [_part(part) for part in parts]}


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if part["type"] != "image_url":
        return part
    from PIL import Image

    content = base64.b64decode(part["image_url"]["url"].partition(",")[2])
    return {"type": "image", "image": Image.open(io.BytesIO(content)).convert("RGB")}
