"""Installed by colcon: launch files and parameters, no code."""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
SHARE = "share/robomem_bringup"

setup(
    name="robomem_bringup",
    version="0.1.0",
    packages=[],
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/robomem_bringup"]),
        (SHARE, ["package.xml"]),
        *[
            (f"{SHARE}/{folder}", [str(file.relative_to(HERE)) for file in sorted((HERE / folder).iterdir())])
            for folder in ("launch", "config")
        ],
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="RoboMem contributors",
    maintainer_email="robomem@example.org",
    description="Launch files and parameters that put a RoboMem policy on an arm.",
    license="Apache-2.0",
)
