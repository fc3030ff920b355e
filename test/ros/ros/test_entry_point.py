"""The process: clean ends, and starts that are refused with one clear line."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from harness import TIMEOUT, Client, NodeProcess, photo
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState

from hotspot_ros.conversions.images import encode_image


@pytest.mark.parametrize(("number", "forked"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_signals_end_it_cleanly(number: signal.Signals, forked: bool) -> None:
    """A node at work leaves within 2 s with exit code 0 and no traceback."""
    with NodeProcess(f"ended_by_{number.name.lower()}", forked) as own, Client(own.namespace) as client:
        client.ask(photo())
        for _ in range(20):
            client.camera.publish(encode_image(photo(480, 640), client.header("camera")))
        code, seconds = own.stop(number)
        assert code == 0, own.output()
        assert seconds < 2
        assert "Traceback" not in own.output()


def test_two_signals_end_it_cleanly() -> None:
    """launch and the terminal may both signal: the second does not break the clean-up."""
    with NodeProcess("signalled_twice") as own:
        own.process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        code, _ = own.stop(signal.SIGINT)
        assert code == 0, own.output()
        assert "Traceback" not in own.output()


@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGINT, 0.8), (signal.SIGTERM, 2.4)])
def test_a_signal_during_the_start_ends_it_cleanly(number: signal.Signals, seconds: float) -> None:
    """While PyTorch is being imported and the model loaded the process can be ended, too."""
    own = NodeProcess("ended_early", forked=False)
    time.sleep(seconds)
    code, took = own.stop(number)
    assert code == 0, own.output()
    assert took < 2
    assert "Traceback" not in own.output()


def test_signals_end_it_in_every_state() -> None:
    """Managed by somebody else, the process ends within 2 s with exit code 0, when unconfigured, while it is being
    configured, when inactive, and when finalized."""
    reached = {
        "unconfigured": (),
        "configuring": (Transition.TRANSITION_CONFIGURE,),
        "inactive": (Transition.TRANSITION_CONFIGURE,),
        "finalized": (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,),
    }
    nodes = {state: NodeProcess(state, autostart="false") for state in reached}
    client = Client("/manager")
    for (state, node), number in zip(nodes.items(), itertools.cycle([signal.SIGINT, signal.SIGTERM])):
        caller = client.create_client(ChangeState, f"/{state}/hotspots/change_state")
        assert caller.wait_for_service(TIMEOUT)
        for transition in reached[state]:
            future = caller.call_async(ChangeState.Request(transition=Transition(id=transition)))
            if state == "configuring":
                client.spin_for(0.2)
            else:
                client.wait(future.done)
                assert future.result().success
        code, took = node.stop(number)
        assert (code, took < 2) == (0, True), (state, took, node.output())
        assert "Traceback" not in node.output()
    client.destroy_node()


def test_a_signal_in_a_destructor_is_no_traceback() -> None:
    """Python can raise a signal's interrupt in a destructor, which nothing leaves: that is not reported; any other
    exception in a destructor still is. The end is clean."""
    program = """
import sys
from hotspot_ros.ros.entry_point import run

class Fragile:
    def __init__(self, error):
        self.error = error
    def __del__(self):
        raise self.error

def work():
    del_1, del_2 = Fragile(KeyboardInterrupt()), Fragile(ValueError("broken"))

sys.exit(run("fragile", work, []))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == 0, ended.stderr
    assert "ValueError: broken" in ended.stderr
    assert "KeyboardInterrupt" not in ended.stderr


@pytest.mark.parametrize(("ended", "code"), [(True, 0), (False, 1)])
def test_an_error_that_a_shutdown_makes_is_no_traceback(ended: bool, code: int) -> None:
    """What ROS raises because a signal has shut it down meanwhile ends the process cleanly; the same error without one
    is a bug, and told as such."""
    program = f"""
import sys
import rclpy
from hotspot_ros.ros.entry_point import run

def work():
    if {ended}:
        rclpy.shutdown()
    rclpy.create_node("late").create_publisher(object, "topic", 1)

sys.exit(run("late", work, []))
"""
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=TIMEOUT)
    assert process.returncode == code, process.stderr
    assert ("Traceback" in process.stderr) != ended


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"actions": "[opne]"}, "unknown action 'opne': did you mean 'open'"),
        ({"model": "/missing.safetensors"}, "checkpoint '/missing.safetensors' does not exist"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"qos": "fast"}, "parameter qos is 'fast': use one of auto, reliable, best_effort, system_default"),
        ({"points_per_action": "many"}, "parameter points_per_action"),
        ({"cameras": "[]"}, "parameter cameras is empty: give a value, or leave it out for the default, ['']"),
        ({"actions": "[]"}, "parameter actions is empty: give a value"),
        ({"heatmap_size": "[]"}, "parameter heatmap_size is empty: give a value"),
        pytest.param(
            {"device": "cuda"},
            "device 'cuda' is not available",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device"),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_start_is_refused_with_one_line(parameters: dict[str, Any], reason: str) -> None:
    """Exit code 2, one line that names the input and the reason, no traceback."""
    own = NodeProcess("refused", **parameters)
    assert own.process.wait(timeout=30) == 2
    lines = [line for line in own.output().splitlines() if line.strip()]
    assert len(lines) == 1, own.output()
    assert reason in lines[0]


def test_a_missing_home_is_not_blamed_on_the_arguments(tmp_path: Path) -> None:
    """As under systemd or cron: one line says what to set; with a folder for the log the same start goes on."""
    without = {k: v for k, v in os.environ.items() if k not in ("HOME", "ROS_HOME", "ROS_LOG_DIR")}
    program = (
        "import sys\nfrom hotspot_ros.ros.entry_point import run\nsys.exit(run('homeless', lambda: None, sys.argv))"
    )
    command = [sys.executable, "-c", program, "--ros-args", "-p", "device:=cpu"]
    ended = subprocess.run(command, env=without, capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == 2
    (fatal,) = (line for line in ended.stderr.splitlines() if "FATAL" in line)
    assert "set HOME, ROS_HOME or ROS_LOG_DIR" in fatal
    assert "arguments" not in fatal
    with_folder = {**without, "ROS_LOG_DIR": str(tmp_path)}
    assert subprocess.run(command, env=with_folder, timeout=TIMEOUT).returncode == 0
    wrong = [*command, "-p", "nonsense"]
    ended = subprocess.run(wrong, env=with_folder, capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == 2
    assert "nonsense" in ended.stderr
