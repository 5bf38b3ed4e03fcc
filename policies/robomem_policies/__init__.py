"""Agents: encoder + memory + action head."""

from pathlib import Path

from robomem.embodied import agents
from robomem.motion.learners import motion_learners
from robomem.motion.metrics.door import evaluators
from robomem.policy import exporters, foreign, policies, pretrained


def register() -> None:
    """Register every policy with RoboMem; harmless to call twice."""
    policies.add("recall", "robomem_policies.recall.policy:RecallPolicy")
    policies.add("memory_vla", "robomem_policies.memory_vla.policy:MemoryVLA")
    policies.add("lerobot", "robomem_policies.lerobot.policy:LeRobotPolicy")
    foreign.add("lerobot", "robomem_policies.lerobot.loading:load")
    exporters.add("lerobot", "robomem_policies.lerobot.export:export")
    policies.add("random", "robomem_policies.sanity:RandomPolicy")
    policies.add("zero", "robomem_policies.sanity:ZeroPolicy")
    policies.add("planner", "robomem.embodied.agent_policy:AgentPolicy")
    agents.add("random", "robomem_policies.planner.guessing:RandomAgent")
    agents.add("oracle", "robomem_policies.planner.oracle:OracleAgent")
    agents.add("vlm", "robomem_policies.planner.vlm.agent:VlmAgent")
    agents.add("local-lm", "robomem_policies.planner.tool_calling:ToolCallingAgent")
    agents.add("rules", "robomem_policies.planner.rules.agent:RulesAgent")
    agents.add("named-skills", "robomem_policies.planner.named_skills:NamedSkillsAgent")
    agents.add("planner", "robomem_policies.planner.lifelong.entry:planner")
    motion_learners.add("text_to_motion", "robomem_policies.motion.model:TextToMotion")
    evaluators.add("words-gru", "robomem_policies.motion.evaluator.evaluator:Evaluator")
    for manifest in sorted(Path(__file__).parent.glob("pretrained/*/manifest.json")):
        pretrained.add(manifest.parent.name, manifest.parent)


register()
