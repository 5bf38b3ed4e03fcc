"""An arm that is told what to do in words: the planner with named skills, beside all that arm.launch.py starts.

ros2 launch robomem_bringup planner.launch.py robot:=sim memory:=kitchen.db
ros2 launch robomem_bringup planner.launch.py robot:=so101 skills:=/etc/robot/skills.yaml memory:=/var/lib/kitchen.db
ros2 action send_goal -f /planner/run_task robomem_msgs/action/RunTask "{instruction: touch the outer left pad}"

A task moves the arm: it puts the policy node in charge for each skill, as its action run_policy does.
"""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

ROBOTS = ("so101", "ur5e", "fr3", "xarm7", "sim")
ARGUMENTS = (
    ("robot", "sim", "Which arm; sim is a simulated SO-101 with the pads of RecallReach.", ROBOTS),
    ("skills", "", "YAML file of named skills; robot:=sim has its own.", None),
    ("contract", "", "YAML file that replaces the arm's own contract.", None),
    ("namespace", "", "Of all nodes.", None),
    ("memory", "", "Lifelong memory: a file, or postgresql://user@host/name; empty to plan without.", None),
    ("agent", "named-skills", "Who plans: named-skills by rules, vlm with a language model.", None),
    ("model", "", "Language model of the agent.", None),
    ("base_url", "", "OpenAI-compatible endpoint of the language model.", None),
)
CONTRACTS = {"sim": "so101_recall_reach"}


def nodes(context):
    """Return the arm's nodes and the planner for the arguments that were given."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in ARGUMENTS}
    robot = given["robot"]
    share = FindPackageShare("robomem_bringup")
    skills = given["skills"]
    if robot == "sim" and not skills:
        skills = PathJoinSubstitution([share, "config", "sim_skills.yaml"]).perform(context)
    if not skills:
        raise RuntimeError(f"Which skills does the {robot} have? Give skills:=FILE.yaml; docs/deploy.md describes it.")
    parameters = {
        "contract": given["contract"] or CONTRACTS.get(robot, robot),
        "skills": skills,
        "memory": "memory" if given["memory"] else "",
        **{name: given[name] for name in ("agent", "model", "base_url")},
    }
    arm = PythonLaunchDescriptionSource(str(Path(__file__).with_name("arm.launch.py")))
    passed = {name: given[name] for name in ("robot", "contract", "namespace", "memory")}
    return [
        IncludeLaunchDescription(arm, launch_arguments=[*passed.items(), ("skills", skills)]),
        Node(
            package="robomem_bridge",
            executable="planner",
            name="planner",
            namespace=given["namespace"],
            parameters=[parameters],
            output="screen",
        ),
    ]


def generate_launch_description():
    """Return what ``ros2 launch`` runs."""
    arguments = []
    for name, default, description, choices in ARGUMENTS:
        chosen = {"choices": list(choices)} if choices else {}
        arguments.append(DeclareLaunchArgument(name, default_value=default, description=description, **chosen))
    return LaunchDescription([*arguments, OpaqueFunction(function=nodes)])
