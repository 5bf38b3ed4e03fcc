"""What was generated can be imported, sent and received."""

from rclpy.serialization import deserialize_message, serialize_message
from robomem_msgs.action import RunPolicy, RunTask
from robomem_msgs.msg import Fact, Observation, PolicyState, Receipt, Sighting
from robomem_msgs.srv import Recall


def test_state_survives_the_wire():
    """Serialized and read back, a state is the same."""
    sent = PolicyState(policy="reach", state=PolicyState.HOLDING, reasons=["observation is 0.4 s old"], steps=2**40)
    sent.latency_ms, sent.memory = 1.5, True
    assert deserialize_message(serialize_message(sent), PolicyState) == sent


def test_states_have_the_names_that_the_documentation_uses():
    """The constants spell themselves in small letters."""
    names = ("INACTIVE", "ACTIVE", "SHADOW", "HOLDING", "STOPPED")
    assert [getattr(PolicyState, name) for name in names] == [name.lower() for name in names]


def test_recall_and_run_policy_have_their_parts():
    """Every part of the service and of the action takes its fields."""
    assert Recall.Request(query="where is the cup?", limit=3).limit == 3
    assert list(Recall.Response(success=True, facts=["on the shelf"], scores=[0.5]).scores) == [0.5]
    assert RunPolicy.Goal(instruction="open the drawer", timeout_s=30.0).timeout_s == 30.0
    assert RunPolicy.Feedback(steps=1, queue_depth=7, state=PolicyState.ACTIVE).queue_depth == 7
    assert RunPolicy.Result(success=False, message="out of time", steps=900).steps == 900


def test_run_task_has_its_parts():
    """Every part of the action takes its fields, and survives the wire."""
    assert RunTask.Goal(instruction="tidy up", timeout_s=60.0).timeout_s == 60.0
    result = RunTask.Result(success=True, message="done", skills=["go home"], degraded=["memory: it is not there"])
    assert deserialize_message(serialize_message(result), RunTask.Result) == result
    assert RunTask.Feedback(elapsed_s=1.0, skill="go home", thought="as asked", done=2).done == 2


def test_an_observation_survives_the_wire_and_begins_with_what_is_usual():
    """A sighting is believed and an object unless it says otherwise; a sensor says it."""
    seen = Sighting(name="mug", has_pose=True, facts=[Fact(relation="on", object="counter")])
    sent = Observation(summary="saw a mug", sightings=[seen], complete_for=["counter"])
    assert (sent.trust, sent.outcome) == (Observation.TRUST_SENSOR, Observation.UNKNOWN)
    assert (seen.kind, seen.confidence) == ("object", 1.0)
    assert deserialize_message(serialize_message(sent), Observation) == sent
    assert not Receipt().success
