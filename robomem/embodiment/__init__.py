"""What a policy for an arm feels of its own body and commands to it: the same in MuJoCo and on the robot."""

from robomem.embodiment.joint_control import CONTROL_PERIOD_S, MAX_STEP_RAD, Control, JointControl
from robomem.embodiment.proprioception import Proprioception

__all__ = ["CONTROL_PERIOD_S", "MAX_STEP_RAD", "Control", "JointControl", "Proprioception"]
