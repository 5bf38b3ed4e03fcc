"""The stand-in for `launch` evaluates a launch file as the real one would, and raises where that one stays silent."""

import stat
import sys
import textwrap

import pytest
import yaml
from launch_file import evaluate, spawn

ARM = """
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution, PythonExpression
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

robot = LaunchConfiguration("robot")
config = PathJoinSubstitution([FindPackageShare("arm"), "config", [robot, ".yaml"]])

def watch(context, topic):
    name = LaunchConfiguration("robot").perform(context)
    return [Node(package="arm", executable="watch", name="watch_" + name, arguments=[topic])]

def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument("robot", description="which one", choices=["ur5e", "fr3"]),
        DeclareLaunchArgument("rate", default_value="25.0"),
        DeclareLaunchArgument("sim", default_value="true"),
        LifecycleNode(
            package="arm", executable="bridge", name="bridge", namespace="arm", output="screen",
            parameters=[config, {
                "rate": ParameterValue(LaunchConfiguration("rate"), value_type=float),
                "double": PythonExpression(["2 * ", LaunchConfiguration("rate")]),
                "nested": {"on": True},
            }],
            remappings=[("joint_states", "/joint_states")],
        ),
        Node(package="arm", executable="sim", condition=IfCondition(LaunchConfiguration("sim"))),
        Node(package="arm", executable="real", condition=UnlessCondition(LaunchConfiguration("sim"))),
        OpaqueFunction(function=watch, args=["/estop"]),
    ])
"""


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    """An installed package `arm`: two configurations, three programs."""
    index = tmp_path / "share/ament_index/resource_index/packages"
    for folder in (index, tmp_path / "share/arm/config", tmp_path / "share/arm/launch", tmp_path / "lib/arm"):
        folder.mkdir(parents=True)
    (index / "arm").touch()
    (tmp_path / "share/arm/config/ur5e.yaml").write_text("/**: {ros__parameters: {rate: 1.0, names: [a, b]}}")
    (tmp_path / "share/arm/config/fr3.yaml").write_text("bridge: {ros__parameters: {rate: 1.0}}")
    for name in ("bridge", "sim", "watch"):
        program = tmp_path / "lib/arm" / name
        program.write_text(f"#!{sys.executable}\nimport time\nprint('up', flush=True)\ntime.sleep(60)\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def arm(prefix):
    return written(prefix, "arm.launch.py", ARM)


def written(prefix, name, code):
    file = prefix / "share/arm/launch" / name
    file.write_text(textwrap.dedent(code))
    return file


def started(prefix, actions, **arguments):
    """Evaluate a launch file with these actions."""
    code = f"""
    from launch import *
    from launch.actions import *
    from launch.conditions import *
    from launch.event_handlers import *
    from launch.launch_description_sources import *
    from launch.substitutions import *
    from launch_ros.actions import *
    from launch_ros.parameter_descriptions import *
    def generate_launch_description():
        return LaunchDescription([{actions}])
    """
    return evaluate(written(prefix, "some.launch.py", code), **arguments)


def test_command_line_is_the_one_of_launch_ros(prefix, arm):
    bridge, sim, watch = evaluate(arm, robot="ur5e", rate=50.0)
    generated = bridge.argv[9]
    assert bridge.argv == [
        *(f"{prefix}/lib/arm/bridge", "--ros-args", "-r", "__node:=bridge", "-r", "__ns:=/arm"),
        *("--params-file", f"{prefix}/share/arm/config/ur5e.yaml", "--params-file", generated),
        *("-r", "joint_states:=/joint_states"),
    ]
    expected = {"rate": 50.0, "double": 100.0, "nested": {"on": True}}
    with open(generated) as file:
        assert yaml.safe_load(file) == {"/arm/bridge": {"ros__parameters": expected}}
    assert sim.argv == [f"{prefix}/lib/arm/sim", "--ros-args"]
    assert watch.argv == [f"{prefix}/lib/arm/watch", "/estop", "--ros-args", "-r", "__node:=watch_ur5e"]


def test_description_tells_what_the_node_gets(arm):
    bridge, sim, watch = evaluate(arm, robot="ur5e")
    assert bridge.parameters == {"rate": 25.0, "names": ["a", "b"], "double": 50.0, "nested.on": True}
    assert bridge.remappings == {"joint_states": "/joint_states"}
    assert (bridge.path, bridge.lifecycle, bridge.output) == ("/arm/bridge", True, "screen")
    assert (sim.package, sim.executable, sim.name, sim.lifecycle) == ("arm", "sim", None, False)
    assert watch.path == "/watch_ur5e"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"robot": "ur5e", "rats": 5}, "no argument 'rats'; did you mean 'rate'"),
        ({}, "required launch argument 'robot'"),
        ({"robto": "ur5e"}, "required launch argument 'robot' .* 'robto'"),
        ({"robot": "ur10"}, "'ur10', which is not among"),
        ({"robot": "ur5e", "rate": "fast"}, "'fast' is no float"),
        ({"robot": "ur5e", "sim": "maybe"}, "'maybe' is none of"),
        ({"robot": "ur5e", "sim": False}, "no executable 'real'"),
        ({"robot": "fr3"}, "says nothing to /arm/bridge, only to .*'/bridge'"),
    ],
)
def test_wrong_arguments_raise(arm, arguments, message):
    with pytest.raises((RuntimeError, ValueError, FileNotFoundError), match=message):
        evaluate(arm, **arguments)


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ("Node(package='amr', executable='sim')", "no package 'amr'.*did you mean 'arm'"),
        ("Node(package='arm', executable='simm')", "no executable 'simm'.*did you mean 'sim'"),
        ("Node(package='arm', executable='sim', parameters=['/no/such.yaml'])", "no parameter file /no/such.yaml"),
        ("Node(package='arm', executable='sim', parameters=[{'a': None}])", "a parameter is"),
        ("Node(package='arm', executable='sim', parameters=[{'a': [1, 'b']}])", "a parameter is"),
        ("Node(package='arm', executable='sim', parameters='a.yaml')", "a list of files"),
        ("Node(package='arm', executable='sim', name='a/b')", "no name for a node"),
        ("Node(package='arm', executable='sim', namespace='a b')", "no namespace"),
        ("LogInfo(msg=LaunchConfiguration('robt'))", "'robt' does not exist"),
        ("ExecuteProcess(cmd=['no-such-program'])", "no executable 'no-such-program'"),
        ("DeclareLaunchArgument('a', default_value='c', choices=['b'])", "not among"),
        ("EmitEvent(event='shutdown')", "needs an event"),
    ],
)
def test_mistakes_in_a_launch_file_raise(prefix, actions, message):
    with pytest.raises(Exception, match=message):
        started(prefix, actions)


@pytest.mark.parametrize(
    "actions",
    [
        "Node(package='arm', executable='sim', node_name='old')",
        "Node('arm', 'sim')",
        "Node(package='arm')",
        "LifecycleNode(package='arm', executable='sim', name='a')",
        "LifecycleNode(package='arm', executable='sim', name='a', namespace='', autostart=True)",
        "DeclareLaunchArgument('a', default='b')",
        "DeclareLaunchArgument('a', 'b')",
        "OpaqueFunction(print)",
        "ExecuteProcess(['true'])",
        "LogInfo('text')",
        "LogInfo(msg=TextSubstitution('text'))",
        "LogInfo(msg=LaunchConfiguration('a', 'b'))",
        "IncludeLaunchDescription('a.launch.py', arguments={})",
    ],
)
def test_constructors_take_what_the_real_ones_take(prefix, actions):
    with pytest.raises(TypeError):
        started(prefix, actions)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'text'", "text"),
        ("'1.0'", "1.0"),
        ("(1, 2)", [1, 2]),
        ("LaunchConfiguration('number')", 7),
        ("['x', LaunchConfiguration('number')]", "x7"),
        ("ParameterValue(LaunchConfiguration('number'), value_type=str)", "7"),
        ("ParameterValue(LaunchConfiguration('number'), value_type=float)", 7.0),
        ("ParameterValue(TextSubstitution(text='[1.0, 2]'), value_type=list[float])", [1.0, 2.0]),
    ],
)
def test_values_of_parameters_have_the_types_of_launch_ros(prefix, value, expected):
    declared = "DeclareLaunchArgument('number', default_value='7')"
    (node,) = started(prefix, f"{declared}, Node(package='arm', executable='sim', parameters=[{{'a': {value}}}])")
    assert node.parameters == {"a": expected}
    assert type(node.parameters["a"]) is type(expected)


def test_included_file_gets_its_arguments(prefix, arm):
    source = f"PythonLaunchDescriptionSource({str(arm)!r})"
    given = "{'robot': 'ur5e', 'sim': LaunchConfiguration('sim')}.items()"
    declared = "DeclareLaunchArgument('sim', default_value='true')"
    nodes = started(prefix, f"{declared}, IncludeLaunchDescription({source}, launch_arguments={given})")
    assert [node.executable for node in nodes] == ["bridge", "sim", "watch"]
    with pytest.raises(RuntimeError, match="no argument 'robto'; did you mean 'robot'"):
        started(prefix, f"IncludeLaunchDescription({source}, launch_arguments=[('robot', 'ur5e'), ('robto', 'fr3')])")


def test_group_keeps_what_it_sets(prefix):
    group = "GroupAction([SetLaunchConfiguration('a', 'inside'), LogInfo(msg=LaunchConfiguration('a'))], scoped={})"
    program = "ExecuteProcess(cmd=['echo', LaunchConfiguration('a', default='outside')])"
    assert started(prefix, f"{group.format(True)}, {program}")[0].argv == ["echo", "outside"]
    assert started(prefix, f"{group.format(False)}, {program}")[0].argv == ["echo", "inside"]


def test_what_waits_for_an_event_says_so(prefix):
    first = "Node(package='arm', executable='sim', on_exit=Shutdown(), respawn=False)"
    later = "Node(package='arm', executable='watch')"
    handler = f"RegisterEventHandler(OnProcessExit(target_action=None, on_exit=[{later}]))"
    nodes = started(prefix, f"{first}, {handler}, TimerAction(period=2.0, actions=[{later}])")
    assert [(node.after, node.ends_all) for node in nodes] == [
        ("", True),
        ("process exit", False),
        ("timer 2 s", False),
    ]


def test_environment_reaches_the_nodes_after_it(prefix):
    node = "Node(package='arm', executable='sim', additional_env={'B': '2'})"
    before, after = started(prefix, f"{node}, SetEnvironmentVariable('A', '1'), {node}")
    assert (before.environment.get("A"), after.environment["A"], after.environment["B"]) == (None, "1", "2")


def test_spawned_processes_run_and_end(prefix):
    nodes = started(prefix, "Node(package='arm', executable='sim'), Node(package='arm', executable='watch')")
    with spawn(nodes) as processes:
        assert [process.poll() for process in processes] == [None, None]
    assert all(process.returncode for process in processes)
