from lerobot.processor import (
    AddBatchDimensionProcessorStep,
    DeviceProcessorStep,
    PolicyProcessorPipeline,
    RenameObservationsProcessorStep,
    UnnormalizerProcessorStep,
)
from lerobot.processor.converters import policy_action_to_transition, transition_to_policy_action


def make_act_pre_post_processors(config, dataset_stats=None):
    before = [RenameObservationsProcessorStep({}), AddBatchDimensionProcessorStep(), DeviceProcessorStep(config.device)]
    after = [UnnormalizerProcessorStep(2.0), DeviceProcessorStep("cpu")]
    return (
        PolicyProcessorPipeline(before, "policy_preprocessor"),
        PolicyProcessorPipeline(
            after, "policy_postprocessor", policy_action_to_transition, transition_to_policy_action
        ),
    )
