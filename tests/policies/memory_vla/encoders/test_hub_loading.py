"""Models that are not there, cannot be downloaded, are damaged, of another kind, or bring code or pickles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from robomem.errors import ConfigError, RobomemError
from robomem_policies.memory_vla.encoders import make
from robomem_policies.memory_vla.encoders.hub import loading
from tests.policies.memory_vla.encoders.tiny_models import save_tiny

VIEWS = {"front": (32, 32)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_tiny("smolvlm", tmp_path / "model")


def _refused(name: object, said: str, **kwargs: Any) -> str:
    with pytest.raises(RobomemError, match=said) as caught:
        make(f"hub:{name}", VIEWS, 0, **kwargs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["", "smolvlm", "./nowhere/model", "/nowhere/model", "a/b/c", "~nobody/x"])
def test_names_that_lead_nowhere_ask_no_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers.AutoConfig, "from_pretrained", lambda *_, **__: pytest.fail("asked the hub"))
    _refused(name, "OWNER/NAME")


def test_without_network_the_local_choices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: Any, **kwargs: Any) -> Any:
        assert kwargs == {"trust_remote_code": False, "local_files_only": False, "revision": "v1"}
        raise OSError("We couldn't connect to 'https://huggingface.co'\nto load the files.")

    monkeypatch.setattr(transformers.AutoConfig, "from_pretrained", offline)
    monkeypatch.setattr(loading, "_cached", lambda: ["owner/here"])
    said = _refused("owner/name", "couldn't connect", revision="v1")
    assert "small, hub:FOLDER" in said
    assert "hub:owner/here" in said


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    _refused(tmp_path, "holds no config.json")
    (tmp_path / "config.json").write_text("{")
    _refused(tmp_path, "cannot be loaded")
    (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
    _refused(tmp_path, "cannot be loaded")


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "preprocessor_config.json"])
def test_a_file_that_is_missing_or_truncated(folder: Path, file: str) -> None:
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) // 2])
    _refused(folder, "cannot be loaded")
    (folder / file).unlink()
    _refused(folder, "cannot be loaded")


def test_a_language_model_without_eyes(tmp_path: Path) -> None:
    config = transformers.LlamaConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, vocab_size=64
    )
    transformers.LlamaForCausalLM(config).save_pretrained(tmp_path)
    _refused(tmp_path, "cannot be loaded")


def test_a_family_that_is_not_known_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from robomem_policies.memory_vla.encoders.hub import families

    monkeypatch.delitem(families.FAMILIES, "smolvlm")
    _refused(folder, "family of vision-language models 'smolvlm' does not exist.*idefics3.*qwen2_5_vl")


def test_a_tokenizer_without_the_tokens_of_images(folder: Path) -> None:
    tokenizer = (folder / "tokenizer.json").read_text().replace("<global-img>", "<something>")
    (folder / "tokenizer.json").write_text(tokenizer)
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (folder / name).exists():
            (folder / name).write_text((folder / name).read_text().replace("<global-img>", "<something>"))
    _refused(folder, "<global-img>")


def test_pickles_are_not_opened(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.unlink()
    torch.save({}, folder / "pytorch_model.bin")
    _refused(folder, "cannot be loaded")


def test_code_of_the_model_is_not_run(folder: Path) -> None:
    (folder / "evil.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\nclass Evil: ...\n"
    )
    config = json.loads((folder / "config.json").read_text())
    names = {"AutoConfig": "evil.Evil", "AutoModelForImageTextToText": "evil.Evil"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "evil", "auto_map": names}))
    _refused(folder, "cannot be loaded")
    assert not (folder / "ran").exists()


def test_another_folder_than_the_one_of_the_checkpoint(folder: Path) -> None:
    config = make(f"hub:{folder}", VIEWS, 0).config()
    assert config["revision"] is None
    make(f"hub:{folder}", VIEWS, 0, **config)
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    _refused(folder, "another model", **config)


def test_without_transformers_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ConfigError, match=r"robomem\[vla\]"):
        make(f"hub:{folder}", VIEWS, 0)
