"""Agents: encoder + memory + action head."""

from robomem.policy import policies


def register() -> None:
    """Register every policy with RoboMem; harmless to call twice."""
    policies.add("recall", "robomem_policies.recall.policy:RecallPolicy")
    policies.add("random", "robomem_policies.sanity:RandomPolicy")
    policies.add("zero", "robomem_policies.sanity:ZeroPolicy")


register()
