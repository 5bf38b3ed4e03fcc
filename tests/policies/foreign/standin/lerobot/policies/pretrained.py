import abc
from pathlib import Path

import safetensors.torch
from torch import nn

from lerobot.configs.policies import PreTrainedConfig


class PreTrainedPolicy(nn.Module, abc.ABC):
    config_class: None
    name: None

    def __init__(self, config, *inputs, **kwargs):
        super().__init__()
        if not isinstance(config, PreTrainedConfig):
            raise ValueError("Parameter config should be an instance of class `PreTrainedConfig`.")
        self.config = config

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not getattr(cls, "config_class", None) or not getattr(cls, "name", None):
            raise TypeError(f"Class {cls.__name__} must define 'config_class' and 'name'")

    def save_pretrained(self, save_directory):
        Path(save_directory).mkdir(parents=True, exist_ok=True)
        self._save_pretrained(Path(save_directory))

    def _save_pretrained(self, save_directory: Path) -> None:
        self.config._save_pretrained(save_directory)
        safetensors.torch.save_model(self, str(save_directory / "model.safetensors"))

    @classmethod
    def from_pretrained(cls, pretrained_name_or_path, *, config=None, strict=False, **kwargs):
        config = PreTrainedConfig.from_pretrained(pretrained_name_or_path) if config is None else config
        made = cls(config, **kwargs)
        safetensors.torch.load_model(made, str(Path(pretrained_name_or_path) / "model.safetensors"), strict=strict)
        return made.eval()

    @abc.abstractmethod
    def get_optim_params(self): ...

    @abc.abstractmethod
    def reset(self): ...

    @abc.abstractmethod
    def forward(self, batch): ...

    @abc.abstractmethod
    def predict_action_chunk(self, batch, **kwargs): ...

    @abc.abstractmethod
    def select_action(self, batch, **kwargs): ...
