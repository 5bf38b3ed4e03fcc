"""One CPU to many GPUs through Accelerate: ``robomem train`` alone, or ``accelerate launch -m robomem train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robomem.errors import ConfigError
from robomem.train.imitation.config import ImitationConfig

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["make_accelerator"]


def make_accelerator(config: ImitationConfig) -> Accelerator:
    """Return Accelerate's view of this process, on the device and in the precision that ``config`` asks for.

    Raises:
        ConfigError: Accelerate is not installed, the device is not there, weights would be sharded, or the groups
            cannot be dealt to the processes.
    """
    try:
        from accelerate import Accelerator
        from accelerate.state import AcceleratorState, PartialState
        from accelerate.utils import DistributedDataParallelKwargs, DistributedType
    except ImportError:
        raise ConfigError("Learning from demonstrations needs accelerate: pip install 'robomem[vla]'.") from None
    # Accelerate keeps the first run's device and precision for the whole process.
    AcceleratorState._reset_state(reset_partial_state=PartialState._shared_state.get("num_processes", 1) == 1)
    accelerator = Accelerator(
        cpu=config.device == "cpu",
        mixed_precision="bf16" if config.optim.precision == "bf16" else "no",
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    if config.device not in ("auto", accelerator.device.type):
        raise ConfigError(f"device {config.device} was asked for; this machine offers {accelerator.device.type}.")
    sharded = {DistributedType.FSDP, DistributedType.DEEPSPEED, DistributedType.MEGATRON_LM}
    if accelerator.distributed_type in sharded:
        raise ConfigError(
            "Weights are kept whole in every process here; run `accelerate config` without FSDP, DeepSpeed and "
            "Megatron-LM, and where the model is too large for that, train LoRA adapters."
        )
    parts = accelerator.num_processes * config.optim.accumulate
    if config.loading.groups % parts:
        raise ConfigError(
            f"loading.groups {config.loading.groups} cannot be dealt to {accelerator.num_processes} processes times "
            f"optim.accumulate {config.optim.accumulate}; make it a multiple of {parts}."
        )
    return accelerator
