"""What `ros2 launch hotspot_ros hotspots.launch.py --show-args` shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("launch_ros", reason="launch_ros is not installed: it comes with ROS 2, not with pip")

from launch import LaunchContext
from launch.launch_description_sources import get_launch_description_from_python_launch_file
from launch.utilities import perform_substitutions

LAUNCH_FILE = Path(__file__).parents[2] / "launch" / "hotspots.launch.py"


def test_every_argument_is_described_and_optional() -> None:
    arguments = get_launch_description_from_python_launch_file(str(LAUNCH_FILE)).get_launch_arguments()
    assert {argument.name for argument in arguments} >= {"image", "model", "device", "actions", "params_file"}
    for argument in arguments:
        assert argument.default_value is not None, argument.name
        assert "no description given" not in argument.description, argument.name


def test_the_parameter_file_exists() -> None:
    arguments = get_launch_description_from_python_launch_file(str(LAUNCH_FILE)).get_launch_arguments()
    default = next(argument.default_value for argument in arguments if argument.name == "params_file")
    assert Path(perform_substitutions(LaunchContext(), default)).is_file()


def test_reading_the_launch_file_does_not_import_torch() -> None:
    program = f"""
import sys
from launch.launch_description_sources import get_launch_description_from_python_launch_file
get_launch_description_from_python_launch_file({str(LAUNCH_FILE)!r})
assert not {{"torch", "hotspot_core"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
