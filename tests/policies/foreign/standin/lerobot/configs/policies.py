import abc
import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from .types import FeatureType, PolicyFeature


@dataclass
class PreTrainedConfig(abc.ABC):
    n_obs_steps: int = 1
    input_features: dict[str, PolicyFeature] | None = field(default_factory=dict)
    output_features: dict[str, PolicyFeature] | None = field(default_factory=dict)
    device: str | None = None
    use_amp: bool = False
    push_to_hub: bool = True
    pretrained_path: Path | None = None

    _choices: ClassVar[dict[str, type]] = {}

    @classmethod
    def register_subclass(cls, name: str):
        def enter(kind: type) -> type:
            PreTrainedConfig._choices[name] = kind
            return kind

        return enter

    @classmethod
    def get_known_choices(cls) -> dict[str, type]:
        return cls._choices

    @classmethod
    def get_choice_class(cls, name: str) -> type:
        return cls._choices[name]

    def __post_init__(self) -> None:
        if self.device not in ("cpu",):
            self.device = "cpu"

    @property
    def type(self) -> str:
        return next(name for name, kind in self._choices.items() if kind is type(self))

    @property
    @abc.abstractmethod
    def observation_delta_indices(self): ...

    @property
    @abc.abstractmethod
    def action_delta_indices(self): ...

    @property
    @abc.abstractmethod
    def reward_delta_indices(self): ...

    @abc.abstractmethod
    def get_optimizer_preset(self): ...

    @abc.abstractmethod
    def get_scheduler_preset(self): ...

    @abc.abstractmethod
    def validate_features(self) -> None: ...

    @property
    def image_features(self) -> dict[str, PolicyFeature]:
        return {key: ft for key, ft in self.input_features.items() if ft.type is FeatureType.VISUAL}

    @property
    def action_feature(self) -> PolicyFeature | None:
        return self.output_features.get("action")

    def _save_pretrained(self, save_directory: Path) -> None:
        content = {"type": self.type, **dataclasses.asdict(self)}
        (Path(save_directory) / "config.json").write_text(json.dumps(content, default=str))

    @classmethod
    def from_pretrained(cls, pretrained_name_or_path, **kwargs):
        content = json.loads((Path(pretrained_name_or_path) / "config.json").read_text())
        kind = cls.get_choice_class(content.pop("type"))
        known = {each.name for each in dataclasses.fields(kind)}
        if unknown := content.keys() - known:  # draccus refuses them too
            raise ValueError(f"The fields {sorted(unknown)} are not valid for {kind.__name__}")
        for part in ("input_features", "output_features"):
            content[part] = {
                name: PolicyFeature(FeatureType(about["type"]), tuple(about["shape"]))
                for name, about in content[part].items()
            }
        return kind(**content)
