"""The memory node in a process of its own: observations in, answers out, and nothing lost without a word."""

import io
import signal
import sqlite3

import pytest
from launch_file import evaluate, spawn
from lifecycle_msgs.msg import Transition
from memory_process import LAUNCH, NAMESPACE, cup, owner, saw
from PIL import Image
from rclpy.serialization import serialize_message
from robomem_msgs.msg import Sighting
from robomem_msgs.srv import Recall
from sensor_msgs.msg import CompressedImage

from robomem.lifelong import LifelongMemory

pytestmark = pytest.mark.ros


@pytest.fixture
def robot(tmp_path):
    with owner(tmp_path / "kitchen.db") as made:
        yield made


def known(robot):
    """Open the memory in this process, which only reads, whether or not the node is writing."""
    return LifelongMemory(robot.file, namespace=NAMESPACE, encoder="hash", read_only=True)


def steps(robot):
    """Return the seconds of which something is on the disk."""
    with sqlite3.connect(f"file:{robot.file}?mode=ro", uri=True) as database:
        return {int(time) for (time,) in database.execute("SELECT time FROM observation")}


class Held:
    """Another program that holds the memory's lock."""

    def __init__(self, robot):
        self.database = sqlite3.connect(robot.file, isolation_level=None)

    def __enter__(self):
        self.database.execute("BEGIN IMMEDIATE")
        return self

    def release(self):
        if self.database.in_transaction:
            self.database.execute("ROLLBACK")

    def __exit__(self, *error):
        self.release()
        self.database.close()


def test_what_is_seen_is_remembered_also_by_the_next_process(robot):
    with robot.memory() as process:
        first, second = robot.tell(saw(10, cup("table")), saw(20, cup("shelf"), writer="detector"))
        assert (first.success, second.success) == (True, True), (first, second)
        assert (second.writer, second.observation) == ("detector", first.observation + 1)
        answer = robot.ask("where is the cup?", 1)
        assert (answer.success, answer.message, list(answer.facts)) == (True, "", ["cup on shelf"])
        assert 0 < answer.scores[0] <= 1
        with known(robot) as memory:
            (entity,) = memory.entities("cup")
            assert [str(fact) for fact in memory.as_of(15.0).facts(entity.id)] == ["cup on table"]
    assert process.returncode == 0
    with robot.memory():
        many = robot.ask("cup on shelf")
        assert many.facts[0] == "cup on shelf"
        assert len(many.facts) == len(many.scores) > 1
        assert list(many.scores) == sorted(many.scores, reverse=True)


def test_what_is_malformed_is_counted_and_changes_nothing(robot):
    lost = Sighting(name="cup", has_pose=True)
    lost.pose.pose.position.x = float("nan")
    elsewhere = saw(3, Sighting(name="cup", has_pose=True))
    elsewhere.header.frame_id = "camera"
    with robot.memory():
        refused = robot.tell(saw(1, lost), saw(2, Sighting(name="")), elsewhere)
        raw = serialize_message(saw(4, Sighting(name="c\x07p")))
        robot.observations.publish(raw.replace(b"c\x07p", b"c\xffp"))
        robot.until(lambda: 4 in robot.receipts, "a receipt of bytes that are no UTF-8")
        refused.append(robot.receipts.pop(4))
        assert not any(receipt.success for receipt in refused)
        reasons = ("finite", "names nothing", "camera", "UTF-8")
        assert all(reason in receipt.message for reason, receipt in zip(reasons, refused)), refused
        robot.until(lambda: robot.health.get("malformed") == "4", "the count")
        assert steps(robot) == set()
        assert robot.ask("cup").facts == []
        (taken,) = robot.tell(saw(5, cup("table")))
        assert taken.success
        (late,) = robot.tell(saw(4, cup("floor")))
        assert late.success
        robot.until(lambda: robot.health.get("backwards") == "1", "the clock that ran back to be reported")
        assert robot.ask("where is the cup?", 1).facts == ["cup on table"]
        for question, reason in (("", "empty"), (" ", "empty"), ("a" * 30_000, "characters")):
            answer = robot.ask(question)
            assert not answer.success
            assert reason in answer.message
        assert list(answer.facts) == list(answer.scores) == []


def test_a_kill_loses_nothing_that_was_acknowledged(robot):
    acknowledged, number = set(), 1  # a stamp of zero is now
    for least in (5, 40, 20):
        with robot.memory() as process:
            with known(robot) as memory:  # another process, which reads while the node writes
                while len(robot.receipts) < least:
                    robot.observations.publish(saw(number, cup(f"place {number}")))
                    number += 1
                    robot.executor.spin_once(timeout_sec=0.02)
                    assert len(memory.facts()) <= 1
            process.send_signal(signal.SIGKILL)
            process.wait()
            robot.until_quiet()
            assert all(receipt.success for receipt in robot.receipts.values())
            acknowledged |= robot.receipts.keys()
            robot.receipts.clear()
        assert acknowledged <= steps(robot)
    with known(robot) as memory:
        assert [str(fact) for fact in memory.facts()] == [f"cup on place {max(steps(robot))}"]


def test_what_waits_is_written_before_the_node_goes(robot):
    with robot.memory(close_deadline_s=30.0) as process, Held(robot) as held:
        for number in range(1, 6):
            robot.observations.publish(saw(number, cup(f"place {number}")))
        robot.until(lambda: robot.health.get("queued") == "5", "five to wait")
        assert robot.ask("cup").success  # who reads waits for nobody
        process.terminate()
        held.release()
        assert process.wait(30) == 0
    assert steps(robot) == {1, 2, 3, 4, 5}


def test_more_than_can_be_written_is_refused_and_reported(robot):
    with robot.memory(queue=2), Held(robot) as held:
        robot.observations.publish(saw(1))
        robot.observations.publish(saw(2))
        robot.until(lambda: robot.health.get("queued") == "2", "two to wait")
        refused = robot.tell(saw(3), saw(4))  # while the writer waits for the lock: hearing does not
        assert [receipt.success for receipt in refused] == [False, False]
        assert "2 observations wait" in refused[0].message
        robot.until(lambda: robot.health.get("dropped") == "2", "the count")
        assert robot.health["level"] >= 1
        held.release()
        robot.until(lambda: robot.receipts.keys() == {1, 2}, "what waited")
        assert all(receipt.success for receipt in robot.receipts.values())
    assert steps(robot) == {1, 2}


def test_it_goes_round_its_life_cycle(robot):
    with robot.memory(autostart=False):
        robot.change(Transition.TRANSITION_CONFIGURE)
        assert robot.ask("where is the cup?").success  # it answers, and takes nothing in yet
        assert robot.observations.get_subscription_count() == 0
        for second, place in ((1, "table"), (2, "shelf")):
            robot.change(Transition.TRANSITION_ACTIVATE)
            robot.until(robot.observations.get_subscription_count, "the node to listen")
            assert robot.tell(saw(second, cup(place)))[0].success
            robot.change(Transition.TRANSITION_DEACTIVATE)
            robot.until(lambda: robot.observations.get_subscription_count() == 0, "the node to listen no more")
            robot.change(Transition.TRANSITION_CLEANUP)
            robot.change(Transition.TRANSITION_CONFIGURE)
            assert robot.ask("where is the cup?", 1).facts == [f"cup on {place}"]
        robot.change(Transition.TRANSITION_INACTIVE_SHUTDOWN)


def test_a_question_has_a_deadline(robot):
    with robot.memory(recall_deadline_s=1e-6):
        robot.tell(saw(1, cup("table")))
        answer = robot.ask("where is the cup?")
        assert not answer.success
        assert "no answer within 1e-06 s" in answer.message
        robot.until(lambda: int(robot.health.get("unanswered", 0)) >= 1, "the count")


def test_many_questions_at_once_are_answered_or_told_to_come_again(robot):
    with robot.memory():
        robot.tell(saw(1, cup("table")))
        assert robot.ask("where is the cup?").success  # now each sees the other
        asked = [
            robot.client.call_async(Recall.Request(query=f"cup {number}")) for number in range(8)
        ]  # ROS itself holds ten
        robot.tell(saw(2, cup("shelf")))  # it hears meanwhile
        robot.until(lambda: all(future.done() for future in asked), "eight answers")
        answers = [future.result() for future in asked]
        assert any(answer.success for answer in answers)
        assert all(answer.facts if answer.success else "ask again" in answer.message for answer in answers)


def test_an_observation_has_the_picture_of_its_time(robot):
    camera = robot.node.create_publisher(CompressedImage, "/camera/image/compressed", 10)
    file = io.BytesIO()
    Image.new("RGB", (1280, 720), "red").save(file, "JPEG")
    picture = CompressedImage(format="jpeg", data=file.getvalue())
    picture.header.stamp.sec = 10
    with robot.memory(picture_topic="/camera/image/compressed"):
        robot.until(lambda: camera.get_subscription_count(), "the camera to be heard")
        number = 0

        def shown():
            nonlocal number
            number += 1
            camera.publish(picture)
            message = saw(10, cup("table"))
            message.header.stamp.nanosec = number  # the picture may arrive after the first observation
            robot.tell(message)
            return robot.file.with_name("kitchen-pictures").exists() and int(robot.health.get("pictures", 0))

        robot.until(shown, "a picture to be kept")
        camera.publish(picture)
        robot.tell(saw(30, cup("shelf")))
    with known(robot) as memory:
        (fact,) = memory.facts()
        assert not memory.why(fact.id).citations[0].observation.media  # that picture is twenty seconds older
        (entity,) = memory.entities("cup")
        (before,) = memory.as_of(20.0).facts(entity.id)
        media = [each.observation.media for each in memory.why(before.id).citations if each.observation.media]
    with Image.open(media[0]) as kept:
        assert kept.size == (640, 360)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"namespace": "kitchen"}, "tenant/map/robot"),
        ({"queue": 0}, "queue is 0"),
        ({"recall_deadline_s": ".nan"}, "recall_deadline_s is nan"),
        ({"encoder": "hsah"}, "Did you mean 'hash'"),
        ({"most_trust": 7}, "most_trust"),
    ],
)
def test_a_node_that_cannot_begin_says_why_and_ends(robot, parameters, reason, capfd):
    nodes = evaluate(LAUNCH, robot="sim", memory=str(robot.file), encoder="hash")
    (node,) = (node for node in nodes if node.name == "memory")
    for name, value in parameters.items():
        node.argv.extend(["-p", f"{name}:={value}"])
    with spawn([node]) as (process,):
        assert process.wait(60) == 2
    assert reason in capfd.readouterr().err
