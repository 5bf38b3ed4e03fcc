"""A policy that breaks, cannot be read or is not alone: the arm holds, and somebody is told why."""

import broken_policy
import pytest
from diagnostic_msgs.msg import DiagnosticArray

from robomem import policy as policies

pytestmark = pytest.mark.ros
STILL_RAD = 0.02
CONTRACT = "so101_recall_reach"
LEVELS = {b"\x00": "ok", b"\x01": "warning", b"\x02": "error"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("nan", "not finite"), ("inf", "not finite"), ("-inf", "not finite"), ("size", "wrong size"), ("raise", "policy")],
)
def test_the_arm_holds_when_a_policy_breaks(stack, tmp_path, fault, reason):
    policies.save(broken_policy.BrokenPolicy(fault), tmp_path / "policy")
    levels = []
    stack.node.create_subscription(
        DiagnosticArray, "/diagnostics", lambda message: levels.append(LEVELS[message.status[0].level]), 10
    )
    stack.up(policy=str(tmp_path / "policy"), program=[broken_policy.__file__], max_refusals=60)
    stack.go()
    stack.reaches("holding", reason)
    assert stack.drift(after=0.4, seconds=0.8) < STILL_RAD
    stack.until(lambda: "warning" in levels, "a warning in the diagnostics")
    stack.reaches("stopped")
    stack.until(lambda: levels[-1] == "error", "an error in the diagnostics")
    assert any("60 refusals in a row" in each for each in stack.status["reasons"]), stack.status
    assert stack.drift(after=0.1, seconds=0.3) < STILL_RAD


@pytest.mark.parametrize("harm", ["truncate", "empty", "no folder", "half written"])
def test_a_policy_that_cannot_be_read_is_refused(stack, tmp_path, harm):
    folder = tmp_path / "policy"
    if harm != "no folder":
        policies.save(policies.load("recall-reach-hcam"), folder)
    (weights,) = folder.glob("*.safetensors") if harm != "no folder" else (None,)
    if harm == "truncate":
        weights.write_bytes(weights.read_bytes()[:100])
    elif harm == "half written":
        weights.unlink()
    elif harm == "empty":
        (folder / "manifest.json").write_text("")
    stack.start("policy", contract=CONTRACT, policy=str(folder))
    assert not stack.change("configure")
    stack.until(lambda: str(folder) in stack.log("policy"), "the reason")
    assert "Traceback" not in stack.log("policy")
    assert not stack.commands


def test_of_two_policies_neither_may_move_the_arm(stack):
    stack.up()
    stack.go()
    second = ["-m", "robomem_bridge.policy_node", "--ros-args", "-r", "__node:=second", "--"]
    stack.run("second", second, {"contract": CONTRACT, "policy": "recall-reach-hcam", "autoconfigure": True})
    stack.until(lambda: "is ready for" in stack.log("second"), "the second policy")
    stack.until(lambda: stack.status["state"] in ("stopped", "inactive"), "the first to give way")
    for name, other in (("second", "/policy"), ("policy", "/second")):
        stack.begin()

        def refused(name=name, other=other):  # the other's name is known later than its topic
            answer = stack.trigger(f"/{name}/start")
            stack.trigger(f"/{name}/stop")
            return not answer.success and f"{other} commands" in answer.message

        stack.until(refused, f"{name} to be refused for {other}")
    assert stack.drift(after=0.4, seconds=0.5) < STILL_RAD
