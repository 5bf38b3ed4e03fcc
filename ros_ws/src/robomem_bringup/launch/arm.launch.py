"""A RoboMem policy on an arm: the policy node, the emergency stop and, where asked for, what plays, records, remembers.

ros2 launch robomem_bringup arm.launch.py robot:=sim
ros2 launch robomem_bringup arm.launch.py robot:=so101 policy:=runs/demo/hcam/policy-last shadow:=true
ros2 launch robomem_bringup arm.launch.py robot:=so101 memory:=/var/lib/robomem/kitchen.db

The policy node comes up inactive: `ros2 lifecycle set /policy activate` moves the arm.
The simulated arm begins at once.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

ROBOTS = ("so101", "ur5e", "fr3", "xarm7", "sim")
ARGUMENTS = (
    ("robot", "sim", "Which arm; sim is a simulated SO-101 with the RecallReach task.", ROBOTS),
    ("policy", "recall-reach-hcam", "Folder of a saved policy, or the name of one that comes with RoboMem.", None),
    ("contract", "", "YAML file that replaces the arm's own contract.", None),
    ("rate", "0.0", "Steps of the policy a second; 0: the contract's.", None),
    ("namespace", "", "Of all nodes.", None),
    ("shadow", "false", "Compute and report, but command nothing.", ("true", "false")),
    ("sim", "false", "The same as robot:=sim.", ("true", "false")),
    ("skills", "", "YAML file of named skills for the action run_policy; empty for none.", None),
    ("record", "false", "Record a bag an episode; robomem bag to-dataset reads them.", ("true", "false")),
    ("recordings", "recordings", "Folder of the bags.", None),
    ("memory", "", "Lifelong memory to keep: a file, or postgresql://user@host/name; empty for none.", None),
    ("encoder", "minilm", "Of the memory's text; hash needs no model, and knows no meanings.", None),
    ("pictures", "", "Topic (CompressedImage) of which the memory keeps pictures; empty for none.", None),
)


def nodes(context):
    """Return the nodes for the arguments that were given."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in ARGUMENTS}
    simulated = given["robot"] == "sim" or given["sim"] == "true"
    robot = "sim" if simulated else given["robot"]
    config = PathJoinSubstitution([FindPackageShare("robomem_bringup"), "config", f"{robot}.yaml"])
    own = {"contract": given["contract"]} if given["contract"] else {}
    policy = {
        "policy": given["policy"],
        "shadow": given["shadow"] == "true",
        "rate_hz": float(given["rate"]),
        "autoconfigure": True,
        "skills": given["skills"],
        **own,
    }
    started = {"estop": own, "policy": policy}  # without an emergency stop the policy node refuses to begin
    if simulated:
        referee = {"auto_reset": False} if given["skills"] else {}  # then whoever names a skill begins
        started["simulated_arm"] = {**own, **referee}
    if given["record"] == "true":
        started["recorder"] = {"folder": given["recordings"], **own}
    if given["memory"]:
        kept = {"memory": given["memory"], "encoder": given["encoder"], "picture_topic": given["pictures"]}
        started["memory"] = {**kept, "autostart": True}
    return [
        Node(
            package="robomem_bridge",
            executable=name,
            name=name,
            namespace=given["namespace"],
            parameters=[config, parameters],
            output="screen",
        )
        for name, parameters in started.items()
    ]


def generate_launch_description():
    """Return what ``ros2 launch`` runs."""
    arguments = []
    for name, default, description, choices in ARGUMENTS:
        chosen = {"choices": list(choices)} if choices else {}
        arguments.append(DeclareLaunchArgument(name, default_value=default, description=description, **chosen))
    return LaunchDescription([*arguments, OpaqueFunction(function=nodes)])
