import importlib
import json
from pathlib import Path

from .converters import batch_to_transition, transition_to_batch
from .steps import (
    AddBatchDimensionProcessorStep,
    DeviceProcessorStep,
    ProcessorStepRegistry,
    RenameObservationsProcessorStep,
    TokenizerProcessorStep,
    UnnormalizerProcessorStep,
)

__all__ = [
    "AddBatchDimensionProcessorStep",
    "DeviceProcessorStep",
    "PolicyProcessorPipeline",
    "RenameObservationsProcessorStep",
    "TokenizerProcessorStep",
    "UnnormalizerProcessorStep",
]


class PolicyProcessorPipeline:
    def __init__(self, steps, name="", to_transition=batch_to_transition, to_output=transition_to_batch):
        self.steps, self.name, self._into, self._out = steps, name, to_transition, to_output

    def __call__(self, data):
        transition = self._into(data)
        for step in self.steps:
            transition = step(transition)
        return self._out(transition)

    def save_pretrained(self, save_directory):
        steps = [{"registry_name": step._registry_name, "config": step.get_config()} for step in self.steps]
        Path(save_directory, f"{self.name}.json").write_text(json.dumps({"name": self.name, "steps": steps}))

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, config_filename, *, overrides=None, **converters):
        content = json.loads(Path(pretrained_model_name_or_path, config_filename).read_text())
        steps, left = [], dict(overrides or {})
        for entry in content["steps"]:
            if "registry_name" in entry:
                key, kind = entry["registry_name"], ProcessorStepRegistry.get(entry["registry_name"])
            else:
                module, key = entry["class"].rsplit(".", 1)
                kind = getattr(importlib.import_module(module), key)
            steps.append(kind(**{**entry.get("config", {}), **left.pop(key, {})}))
        if left:
            raise KeyError(f"Override keys {sorted(left)} do not match any step")
        return cls(steps, content["name"], **converters)
