"""The planner, its skills and its memory on the simulated arm: tasks in words, across visits, and what goes wrong."""

import contextlib
import json
import os

import gymnasium as gym
import numpy as np
import pytest
import rclpy
import yaml
from action_msgs.msg import GoalStatus
from launch_file import evaluate, spawn
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from robomem_msgs.action import RunPolicy, RunTask
from sensor_msgs.msg import JointState
from std_srvs.srv import Trigger

import robomem_envs
from robomem.deploy import read
from robomem.deploy.skills import read_skills
from robomem.lifelong import LifelongMemory
from robomem_bridge.contracts import find

assert robomem_envs
LAUNCH = "ros_ws/src/robomem_bringup/launch/planner.launch.py"
SKILLS = "ros_ws/src/robomem_bringup/config/sim_skills.yaml"
CONTRACT = read(find("so101_recall_reach"))
PADS = ("outer right pad", "inner right pad", "inner left pad", "outer left pad")
PATIENCE_S = 90.0


class Person:
    """Tells the robot what to do, and looks where its hand is."""

    def __init__(self):
        self.node = rclpy.create_node("person")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.action = ActionClient(self.node, RunTask, "/planner/run_task")
        self.feedback, self.position, self.velocity = [], None, None
        self.node.create_subscription(JointState, "/joint_states", self._see, qos_profile_sensor_data)
        self.running = []

    def _see(self, message):
        self.position, self.velocity = np.array(message.position), np.array(message.velocity)

    @property
    def hand(self):
        return CONTRACT.workspace.end_effector(self.position)

    def until(self, holds, what):
        end = self.node.get_clock().now().nanoseconds + int(1e9 * PATIENCE_S)
        while not holds() and self.node.get_clock().now().nanoseconds < end:
            assert all(process.poll() is None for process in self.running), f"a node ended before {what}"
            self.executor.spin_once(timeout_sec=0.02)
        assert holds(), f"waited {PATIENCE_S:g} s for {what}"

    def trigger(self, name):
        client = self.node.create_client(Trigger, name)
        self.until(client.service_is_ready, name)
        asked = client.call_async(Trigger.Request())
        self.until(asked.done, name)
        self.node.destroy_client(client)
        return asked.result()

    def episode(self):
        """Begin an episode of RecallReach; return the pad that will light up in it."""
        seed = json.loads(self.trigger("/simulated_arm/reset").message)["seed"]
        env = gym.make("robomem/RecallReach-v0")
        env.reset(seed=seed)
        pad = PADS[int(env.unwrapped.task.episode.pad[0])]
        env.close()
        return pad

    def send(self, instruction, timeout_s=0.0):
        self.until(self.action.server_is_ready, "the planner")
        self.feedback.clear()
        goal = RunTask.Goal(instruction=instruction, timeout_s=timeout_s)
        sent = self.action.send_goal_async(goal, lambda message: self.feedback.append(message.feedback))
        self.until(sent.done, "an answer to the goal")
        return sent.result()

    def end(self, goal):
        ended = goal.get_result_async()
        self.until(ended.done, "the end of the task")
        return ended.result()

    def run_policy(self, skill):
        """Name a skill to the policy node itself; return how it ended."""
        action = ActionClient(self.node, RunPolicy, "/policy/run_policy")
        self.until(action.server_is_ready, "the policy's action")
        sent = action.send_goal_async(RunPolicy.Goal(instruction=skill, timeout_s=5.0))
        self.until(sent.done, "an answer to the goal")
        message = self.end(sent.result()).result.message
        action.destroy()
        return message

    def do(self, instruction, timeout_s=0.0):
        """Have a task done and return its result."""
        return self.end(self.send(instruction, timeout_s)).result


@pytest.fixture
def person():
    rclpy.init(domain_id=int(os.environ["ROS_DOMAIN_ID"]))
    made = Person()
    yield made
    made.executor.remove_node(made.node)
    made.node.destroy_node()
    rclpy.shutdown()


@contextlib.contextmanager
def visit(person, memory, *, without=(), **arguments):
    """Bring the robot up, as the launch file does, and take it down again."""
    nodes = evaluate(LAUNCH, robot="sim", memory=str(memory), encoder="hash", **arguments)
    for node in nodes:
        if node.name == "policy":
            node.argv.extend(["-p", "estop_timeout_s:=5.0"])  # the machine is shared
    with spawn([node for node in nodes if node.name not in without]) as person.running:
        person.until(lambda: person.position is not None, "joint states")
        person.until(lambda: person.trigger("/policy/start").success, "the policy to hear every channel")
        assert person.trigger("/policy/stop").success
        yield
    person.position = None


def own_skills(folder, **changes):
    """Write the skills of the simulated arm with other fields for all; return the path."""
    with open(SKILLS) as file:
        content = yaml.safe_load(file)
    for skill in content["skills"].values():
        skill.update(changes)
    path = folder / "skills.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_what_was_done_on_one_visit_is_needed_on_the_next(person, tmp_path):
    kitchen = tmp_path / "kitchen.db"
    with visit(person, kitchen):
        for _ in range(3):  # the policy is not always right
            pad = person.episode()
            first = person.do("touch the pad that lights up, then go home")
            if first.success:
                break
        assert (first.success, list(first.degraded)) == (True, []), first
        assert list(first.skills)[-2:] == ["touch the lit pad", "go home"]
        assert any(said.skill == "go home" and said.done >= 1 for said in person.feedback)
        person.until(lambda: np.abs(person.position - CONTRACT.home).max() < 0.06, "the arm to be home")
    with LifelongMemory(kitchen, namespace="default/default/sim", encoder="hash", read_only=True) as memory:
        assert any("last touched pad" in str(fact) and pad in str(fact) for fact in memory.facts()), memory.facts()
    with visit(person, kitchen):
        person.episode()
        later = person.do("touch the pad that you touched yesterday")
        assert (later.success, list(later.degraded)) == (True, []), later
        assert list(later.skills) == [f"touch the {pad}"]
        place = read_skills(SKILLS, CONTRACT).places[pad]
        person.until(lambda: np.abs(person.velocity).max() < 0.05, "the arm to rest")
        assert np.linalg.norm(person.hand - place.at) < place.within


def test_a_task_is_cancelled_limited_and_ended_by_the_emergency_stop(person, tmp_path):
    with visit(person, tmp_path / "kitchen.db"):
        person.episode()
        goal = person.send("touch the outer left pad, then touch the outer right pad, then touch the outer left pad")
        person.until(lambda: any(said.skill == "touch the outer left pad" for said in person.feedback), "the skill")
        assert not person.send("go home").accepted  # one at a time
        cancelled = goal.cancel_goal_async()
        person.until(cancelled.done, "the cancellation")
        ended = person.end(goal)
        assert ended.status == GoalStatus.STATUS_CANCELED
        assert (ended.result.success, ended.result.message) == (False, "cancelled")
        assert list(ended.result.skills) in ([], ["touch the outer left pad"])
        person.until(lambda: np.abs(person.velocity).max() < 0.05, "the arm to rest")
        person.episode()
        late = person.do("touch the outer left pad", timeout_s=0.3)
        assert (late.success, late.message) == (False, "not done after 0.3 s")
        person.episode()
        goal = person.send("touch the outer left pad, then touch the outer right pad")
        person.until(lambda: any(said.skill for said in person.feedback), "a skill")
        assert person.trigger("/estop/press").success
        result = person.end(goal).result
        assert not result.success
        assert result.message.startswith("the arm stays where it is: stopped")
        assert list(result.skills) == ["touch the outer left pad"]  # and is not tried again
        refused = person.do("go home")
        assert "emergency stop is pressed" in refused.message


def test_a_skill_that_fails_is_tried_twice_and_remembered_as_failed(person, tmp_path):
    kitchen = tmp_path / "kitchen.db"
    with visit(person, kitchen, skills=own_skills(tmp_path, timeout_s=1.0, within_rad=1e-9)):  # no arm is that exact
        person.episode()
        failed = person.do("touch the outer left pad, then go home")
        assert not failed.success
        assert failed.message == "“touch the outer left pad” failed 2 times: not done after 1 s"
        assert list(failed.skills) == ["touch the outer left pad"] * 2
        assert "'touch the outer left pad'" in person.run_policy("touch the outer left pat")  # did you mean
        lost = person.do("fetch the newspaper")
        assert (lost.success, list(lost.skills)) == (False, [])
        assert "no skill for “fetch the newspaper”" in lost.message
    with LifelongMemory(kitchen, namespace="default/default/sim", encoder="hash", read_only=True) as memory:
        said = memory.recall(["touch the outer left pad"]).as_text()
        assert "not done after 1 s" in said
        assert not any("last touched pad" in str(fact) for fact in memory.facts())


def test_without_its_memory_it_does_what_it_can_and_says_so(person, tmp_path):
    with visit(person, tmp_path / "kitchen.db", without=("memory",)):
        person.episode()
        named = person.do("touch the inner right pad")
        assert named.success, named
        assert any("there is no memory node" in what for what in named.degraded)
        assert any("nobody took in" in what for what in named.degraded)
        lost = person.do("touch the pad that you touched yesterday")
        assert (lost.success, list(lost.skills)) == (False, [])
        assert "my memory does not answer" in lost.message


@pytest.mark.parametrize(
    ("arguments", "says"),
    [({"agent": "named-skill"}, "Did you mean 'named-skills'"), ({"agent": "oracle"}, "no robot"), ({}, "no field")],
)
def test_a_planner_that_cannot_be_ends_with_what_is_wrong(tmp_path, arguments, says, capfd):
    nodes = evaluate(
        LAUNCH, robot="sim", skills=own_skills(tmp_path, **({} if arguments else {"speed": 3})), **arguments
    )
    with spawn([node for node in nodes if node.name == "planner"]) as (planner,):
        assert planner.wait(PATIENCE_S) == 2
    assert says in capfd.readouterr().err


def test_the_launch_file_gives_planner_and_policy_the_same_skills(tmp_path):
    nodes = {node.name: node for node in evaluate(LAUNCH, robot="sim", memory="kitchen.db", model="qwen", agent="vlm")}
    assert nodes.keys() == {"planner", "policy", "estop", "memory", "simulated_arm"}
    assert nodes["planner"].parameters["skills"] == nodes["policy"].parameters["skills"]
    assert nodes["planner"].parameters["model"] == "qwen"
    assert nodes["simulated_arm"].parameters["auto_reset"] is False
    mine = str(own_skills(tmp_path))
    nodes = {node.name: node for node in evaluate(LAUNCH, robot="so101", skills=mine)}
    assert (nodes["planner"].parameters["memory"], nodes["planner"].parameters["contract"]) == ("", "so101")
    assert nodes["policy"].parameters["skills"] == mine
    with pytest.raises(Exception, match="Which skills"):
        evaluate(LAUNCH, robot="ur5e")
