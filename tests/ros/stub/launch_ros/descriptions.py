"""The same parameters, under the name by which the documentation of ROS 2 imports them."""

from launch_ros.parameter_descriptions import ParameterFile, ParameterValue

__all__ = ["ParameterFile", "ParameterValue"]
