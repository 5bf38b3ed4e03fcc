"""The action expert: a diffusion transformer that turns cognition and perception into a chunk of actions."""

from robomem_policies.memory_vla.expert.action_expert import ActionExpert
from robomem_policies.memory_vla.expert.config import ExpertConfig
from robomem_policies.memory_vla.expert.ensemble import ActionEnsemble, blend
from robomem_policies.memory_vla.expert.transformer import Condition, DiffusionTransformer

__all__ = ["ActionEnsemble", "ActionExpert", "Condition", "DiffusionTransformer", "ExpertConfig", "blend"]
