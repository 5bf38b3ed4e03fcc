"""Installed by colcon; with pip, robomem itself carries this package."""

from setuptools import setup

setup(
    name="robomem_bridge",
    version="0.1.0",
    packages=["robomem_bridge", "robomem_bridge.contracts"],
    package_data={"robomem_bridge": ["py.typed"], "robomem_bridge.contracts": ["*.yaml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/robomem_bridge"]),
        ("share/robomem_bridge", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    extras_require={"test": ["pytest"]},
    zip_safe=False,
    maintainer="RoboMem contributors",
    maintainer_email="robomem@example.org",
    description="Runs a RoboMem policy on an arm behind a safety filter; a simulated arm to try it on.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "policy = robomem_bridge.policy_node:main",
            "estop = robomem_bridge.estop_node:main",
            "simulated_arm = robomem_bridge.simulated_arm_node:main",
            "recorder = robomem_bridge.recorder_node:main",
            "memory = robomem_bridge.memory_node:main",
            "planner = robomem_bridge.planner_node:main",
        ]
    },
)
