"""An arm, a memory and a hand as an errand meets them, without ROS."""

from __future__ import annotations

from robomem.deploy import Runner, read
from robomem.deploy.skills import Ended, Recalled, parse_skills
from robomem_bridge.contracts import find

CONTRACT = read(find("so101_recall_reach"))
CONTENT = {
    "places": {
        "left pad": {"at": [0.22, 0.06, 0.035], "within": 0.05},
        "right pad": {"at": [0.22, -0.06, 0.035], "within": 0.05},
    },
    "skills": {
        "touch the lit pad": {"policy": "recall-reach-hcam", "keep": "last touched pad", "timeout_s": 30},
        "touch the left pad": {
            "joints": {"shoulder_pan_joint": -0.34},
            "at": "left pad",
            "keep": "last touched pad",
            "timeout_s": 10,
        },
        "touch the right pad": {
            "joints": {"shoulder_pan_joint": 0.34},
            "at": "right pad",
            "keep": "last touched pad",
            "timeout_s": 10,
        },
        "go home": {"joints": {}, "also": ["rest"], "timeout_s": 10},
    },
}
TABLE = parse_skills(CONTENT, "skills.yaml", CONTRACT)


class ObedientArm:
    """An arm that does at once what a runner tells it, and says where it is before each tick."""

    def __init__(self, policy, position, contract=CONTRACT) -> None:
        self.clock, self.contract, self.position = 0.0, contract, position
        self.runner = Runner(policy, contract, clock=lambda: self.clock)
        self._speak()
        self.runner.activate()

    def step(self):
        """Obey one command; return where that leads."""
        self._speak()
        self.position = self.runner.tick().positions
        return self.position

    def _speak(self) -> None:
        self.clock += self.contract.period_s
        self.runner.readings.joint_states(self.contract.joints, self.position, (), self.clock)
        self.runner.readings.sense("cue", [0.0] * 4)
        self.runner.readings.sense("go", [1.0])


class FakeWorld:
    """Runs skills at once; remembers what the hand did last, as the memory node would, if it is there."""

    def __init__(self, lit: str = "left pad", fails: dict[str, int] | None = None, memory: bool = True) -> None:
        self.lit, self.fails, self.memory = lit, dict(fails or {}), memory
        self.facts: list[str] = []
        self.told: list[tuple[str, bool, str]] = []
        self.at, self.stopped, self.end_after, self.ran = "", "", 100, 0

    def asked_to_end(self) -> str:
        return "cancelled" if self.ran >= self.end_after else ""

    def recall(self, query: str) -> Recalled:
        return Recalled(tuple(self.facts)) if self.memory else Recalled(trouble="there is no memory node")

    def run(self, skill) -> Ended:
        self.ran += 1
        if self.stopped:
            return Ended(False, self.stopped, stopped=True)
        if self.fails.get(skill.name, 0) > 0:
            self.fails[skill.name] -= 1
            return Ended(False, "not done after 10 s")
        self.at = self.lit if skill.policy else skill.at
        return Ended(True, "done")

    def place(self) -> str:
        return self.at

    def tell(self, skill, ended, place) -> str:
        self.told.append((skill.name, ended.success, place))
        if not self.memory:
            return "nobody took that in"
        if ended.success and place and skill.keep:
            self.facts = [fact for fact in self.facts if "last touched pad" not in fact]
            self.facts.append(f"robot last touched pad {place}")
        self.facts.insert(0, f"I did “{skill.name}”; my hand is at the {place or 'home'}")
        return ""

    def thinks(self, skill: str, why: str, done: int) -> None:
        pass
