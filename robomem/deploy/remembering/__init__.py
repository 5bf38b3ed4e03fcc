"""What a robot's middleware tells its lifelong memory, and asks it: without ROS, and off the control path."""

from robomem.deploy.remembering.answers import Answer, answers
from robomem.deploy.remembering.observed import observed
from robomem.deploy.remembering.pictures import PictureFolder
from robomem.deploy.remembering.writer import MemoryWriter, Report, WriterState

__all__ = ["Answer", "MemoryWriter", "PictureFolder", "Report", "WriterState", "answers", "observed"]
