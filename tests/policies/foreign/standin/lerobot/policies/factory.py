import importlib

from lerobot.configs.policies import PreTrainedConfig
from lerobot.processor import PolicyProcessorPipeline
from lerobot.processor.converters import (
    batch_to_transition,
    policy_action_to_transition,
    transition_to_batch,
    transition_to_policy_action,
)

from . import ACTConfig, DiffusionConfig  # noqa: F401  they register themselves


def _sibling(config_class, prefix):
    return importlib.import_module(config_class.__module__.replace("configuration_", prefix))


def get_policy_class(name):
    kind = PreTrainedConfig.get_choice_class(name)
    return getattr(_sibling(kind, "modeling_"), kind.__name__.removesuffix("Config") + "Policy")


def make_policy_config(policy_type, **kwargs):
    return PreTrainedConfig.get_choice_class(policy_type)(**kwargs)


def make_pre_post_processors(policy_cfg, pretrained_path=None, **kwargs):
    if not pretrained_path:
        make = getattr(_sibling(type(policy_cfg), "processor_"), f"make_{policy_cfg.type}_pre_post_processors")
        return make(policy_cfg, dataset_stats=kwargs.get("dataset_stats"))
    before = PolicyProcessorPipeline.from_pretrained(
        pretrained_path,
        "policy_preprocessor.json",
        overrides=kwargs.get("preprocessor_overrides", {}),
        to_transition=batch_to_transition,
        to_output=transition_to_batch,
    )
    after = PolicyProcessorPipeline.from_pretrained(
        pretrained_path,
        "policy_postprocessor.json",
        overrides=kwargs.get("postprocessor_overrides", {}),
        to_transition=policy_action_to_transition,
        to_output=transition_to_policy_action,
    )
    return before, after
