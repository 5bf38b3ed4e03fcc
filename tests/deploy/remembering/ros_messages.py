"""Messages with the fields of robomem_msgs, for where ROS 2 is not."""

from types import SimpleNamespace as Message


def pose(x=0.0, y=0.0, z=0.0, turned=(0.0, 0.0, 0.0, 1.0), covariance=(0.0,) * 36):
    orientation = Message(**dict(zip("xyzw", turned)))
    return Message(pose=Message(position=Message(x=x, y=y, z=z), orientation=orientation), covariance=covariance)


def fact(relation, thing="", value=""):
    return Message(relation=relation, object=thing, value=value)


def sighting(name="mug", **fields):
    usual = {"category": "", "key": "", "kind": "object", "has_pose": False, "pose": pose(), "facts": []}
    return Message(name=name, **{**usual, "confidence": 1.0, **fields})


def observation(sec=100, nanosec=0, frame="", **fields):
    header = Message(stamp=Message(sec=sec, nanosec=nanosec), frame_id=frame)
    usual = {"summary": "", "action": "", "outcome": 0, "sightings": [], "complete_for": [], "has_pose": False}
    return Message(header=header, **{**usual, "pose": pose(), "writer": "", "trust": 2, **fields})
