"""A vision-language model of transformers from a folder or the hub. No code of the model is run, no pickle is read."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robomem.errors import ConfigError

__all__ = ["Loaded", "load"]

_DTYPES = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Loaded:
    """A model and what prepares its inputs.

    Attributes:
        model: without its language-modelling head.
        images: the image processor.
        tokenizer: of the text.
        revision: the commit of the hub that was loaded; None for a folder.
        fingerprint: of a folder's configuration and of the names and sizes of its files; None for the hub.
    """

    model: Any
    images: Any
    tokenizer: Any
    revision: str | None
    fingerprint: str | None


def load(name: str, *, revision: str | None = None, fingerprint: str | None = None, dtype: str = "auto") -> Loaded:
    """Load ``name``, a local folder as ``save_pretrained`` writes it or OWNER/NAME of the hub.

    Args:
        name: folder or model id.
        revision: branch, tag or commit of the hub.
        fingerprint: that the folder must have, where it is known.
        dtype: of the weights: auto (as they are stored), float32, bfloat16 or float16.

    Raises:
        ConfigError: it is not there, cannot be downloaded, is of a kind that transformers does not know without code
            from the hub, or is another folder than the one of the fingerprint.
    """
    try:
        import transformers
        from transformers.utils import logging as loading
    except ImportError:
        raise ConfigError("hub:MODEL needs transformers; run pip install 'robomem[vla]'.") from None
    if dtype not in _DTYPES:
        raise ConfigError(f"dtype must be one of {', '.join(_DTYPES)}, not {dtype!r}.")
    folder = _folder(name)
    found = None if folder is None else _fingerprint(folder)
    if fingerprint is not None and found != fingerprint:
        raise ConfigError(f"hub:{name} is another model than the one this encoder was made with; its files differ.")
    where = name if folder is None else str(folder)
    known: dict[str, Any] = {"trust_remote_code": False, "local_files_only": folder is not None}
    if folder is None:
        known["revision"] = revision or "main"
    quiet: Any = loading.disable_progress_bar  # of weights that are on the disk; downloads show theirs
    quiet()
    try:
        config = transformers.AutoConfig.from_pretrained(where, **known)
        kind = transformers.AutoModelForImageTextToText
        model: Any = kind.from_pretrained(where, config=config, use_safetensors=True, dtype=dtype, **known)
        image_processors: Any = transformers.AutoImageProcessor
        images = image_processors.from_pretrained(where, **known)
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, **known)
    except Exception as error:  # what a damaged file raises depends on the library that reads it
        raise ConfigError(_reason(name, folder, error)) from error
    commit = None if folder is not None else getattr(config, "_commit_hash", None) or revision
    return Loaded(model.base_model, images, tokenizer, commit, found)


def _folder(name: str) -> Path | None:
    if not name:
        raise ConfigError("Which model? hub:OWNER/NAME names one of the hub, hub:FOLDER a local one.")
    path = Path(name).expanduser()
    if not path.is_dir():
        if name.count("/") != 1 or name[0] in "./~" or os.sep == "\\":
            raise ConfigError(f"hub:{name}: there is no such folder, and a model of the hub is named OWNER/NAME.")
        return None
    if not (path / "config.json").is_file():
        raise ConfigError(f"hub:{name} holds no config.json; give the folder of a model of transformers.")
    return path.resolve()


def _fingerprint(folder: Path) -> str:
    files = sorted((file.name, file.stat().st_size) for file in folder.glob("*") if file.is_file())
    described = [json.dumps(files), (folder / "config.json").read_text(encoding="utf-8", errors="replace")]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


def _reason(name: str, folder: Path | None, error: Exception) -> str:
    said = " ".join(str(error).split())[:300] or type(error).__name__
    if folder is not None:
        return f"hub:{name} cannot be loaded: {said}"
    here = ", ".join(f"hub:{model}" for model in _cached()) or "none"
    return (
        f"hub:{name} cannot be loaded from the hub: {said} Without network, use small, hub:FOLDER, or what was "
        f"downloaded before: {here}."
    )


def _cached() -> list[str]:
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        return sorted(repo.repo_id for repo in scan_cache_dir().repos if repo.repo_type == "model")
    except (CacheNotFound, OSError):
        return []
