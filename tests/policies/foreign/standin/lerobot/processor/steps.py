class ProcessorStepRegistry:
    _registry: dict[str, type] = {}  # noqa: RUF012

    @classmethod
    def register(cls, name):
        def enter(kind):
            cls._registry[name] = kind
            kind._registry_name = name
            return kind

        return enter

    @classmethod
    def get(cls, name):
        return cls._registry[name]


class ProcessorStep:
    def get_config(self):
        return {}

    def __call__(self, transition):
        return transition


@ProcessorStepRegistry.register("rename_observations_processor")
class RenameObservationsProcessorStep(ProcessorStep):
    def __init__(self, rename_map=None):
        self.rename_map = rename_map or {}

    def get_config(self):
        return {"rename_map": self.rename_map}

    def __call__(self, transition):
        renamed = {self.rename_map.get(name, name): part for name, part in transition["observation"].items()}
        return {**transition, "observation": renamed}


@ProcessorStepRegistry.register("to_batch_processor")
class AddBatchDimensionProcessorStep(ProcessorStep):
    pass


@ProcessorStepRegistry.register("tokenizer_processor")
class TokenizerProcessorStep(ProcessorStep):
    """Words to numbers; stands for the tokenizer of SmolVLA."""

    def __call__(self, transition):
        import torch

        texts = transition["complementary_data"]["task"]
        tokens = torch.tensor([[sum(text.encode())] for text in texts])
        return {**transition, "observation": {**transition["observation"], "observation.language.tokens": tokens}}


@ProcessorStepRegistry.register("device_processor")
class DeviceProcessorStep(ProcessorStep):
    def __init__(self, device="cpu", float_dtype=None):
        if device != "cpu":
            raise ValueError(f"{device} is not here")
        self.device = device

    def get_config(self):
        return {"device": self.device, "float_dtype": None}


@ProcessorStepRegistry.register("unnormalizer_processor")
class UnnormalizerProcessorStep(ProcessorStep):
    def __init__(self, scale=1.0):
        self.scale = scale

    def get_config(self):
        return {"scale": self.scale}

    def __call__(self, transition):
        return {**transition, "action": transition["action"] * self.scale}
