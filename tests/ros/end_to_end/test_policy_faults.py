"""A policy that breaks, cannot be read or is not alone: the arm holds, and somebody is told why."""

import shutil

import broken_policy
import pytest
from diagnostic_msgs.msg import DiagnosticArray

from robomem import policy as policies

pytestmark = pytest.mark.ros
STILL_RAD = 0.02
CONTRACT = "so101_recall_reach"
LEVELS = {b"\x00": "ok", b"\x01": "warning", b"\x02": "error"}


def test_the_arm_holds_when_a_policy_breaks_and_rests_when_it_stays_broken(stack, tmp_path):
    faults = {"nan": "not finite", "inf": "not finite", "-inf": "not finite", "size": "wrong size", "raise": "policy"}
    policies.save(broken_policy.BrokenPolicy(",".join(faults)), tmp_path / "policy")
    levels = []
    stack.node.create_subscription(
        DiagnosticArray, "/diagnostics", lambda message: levels.append(LEVELS[message.status[0].level]), 10
    )
    stack.up(policy=str(tmp_path / "policy"), program=[broken_policy.__file__], max_refusals=60)
    for reason in faults.values():
        levels.clear()
        stack.go()
        stack.reaches("holding", reason)
        assert stack.drift(after=0.4, seconds=0.6) < STILL_RAD
        stack.until(lambda: "warning" in levels, "a warning in the diagnostics")
        stack.reaches("stopped", f"60 refusals in a row: {reason}")
        stack.until(lambda: levels[-1] == "error", "an error in the diagnostics")
        assert stack.drift(after=0.1, seconds=0.3) < STILL_RAD


def test_a_policy_that_cannot_be_read_is_refused_until_it_can(stack, tmp_path):
    folder = tmp_path / "policy"

    def save():
        shutil.rmtree(folder, ignore_errors=True)
        policies.save(policies.load("recall-reach-hcam"), folder)
        return next(folder.glob("*.safetensors")), folder / "manifest.json"

    def refused():
        return stack.log("policy").count("[ERROR]")

    stack.start("policy", contract=CONTRACT, policy=str(folder))
    for count, harm in enumerate(("no folder", "truncated", "gone", "empty", "no JSON", "a byte changed"), start=1):
        if harm != "no folder":
            weights, manifest = save()
            if harm == "truncated":
                weights.write_bytes(weights.read_bytes()[:100])
            elif harm == "gone":
                weights.unlink()
            elif harm == "a byte changed":
                weights.write_bytes(weights.read_bytes()[:-1] + b"x")
            else:
                manifest.write_text("" if harm == "empty" else "[")
        assert not stack.change("configure"), harm
        stack.until(lambda count=count: refused() == count, f"the reason: {harm}")
        assert str(folder) in stack.log("policy").splitlines()[-1], harm
    assert "Traceback" not in stack.log("policy")
    save()
    assert stack.change("configure")
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
