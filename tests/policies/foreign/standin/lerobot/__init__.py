"""A stand-in for LeRobot: its published names and signatures (0.4.4), with networks of one layer.

LeRobot does not install beside our newest torch. Where it is installed the tests use it in place of this.
"""

__version__ = "0.4.4"
