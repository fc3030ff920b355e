"""The process of the node."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger

from hotspot_core.errors import InputError
from hotspot_ros.node.node import HotspotNode
from hotspot_ros.ros.entry_point import ignore_signals, run

# Not the node's own logger, whose topic is gone before the process ends.
LOG = get_logger("hotspot_node")
# Seconds that the frame processor gets to publish what is inferred when the process is asked to end.
STOP_TIMEOUT = 1.0


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the node until SIGINT, SIGTERM or a shutdown of its context, and ends the process.

    Exit status 0 after a clean end; 2 where a parameter, the checkpoint or the device cannot be used.
    """
    _exit(run("hotspot_node", _work, args))


def _exit(status: int) -> NoReturn:
    """ROS is shut down and nothing is left to save: unloading PyTorch would take seconds on a busy computer."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _work() -> None:
    node = HotspotNode()
    if node.parameters.autostart:
        try:
            node.start()
        except InputError:
            if rclpy.ok():
                raise
            return  # A signal came while PyTorch was at work, which makes an error of its own of it.
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    _spin(executor)
    ignore_signals()
    finished = node.stop(STOP_TIMEOUT)
    if node.cameras:
        LOG.info(f"ending: {node.counts()}")
    if not finished:
        _exit(0)  # It publishes a picture that takes its time, or a computer that is overloaded lets it wait.
    # Not longer: a request that waits for the model is not answered any more, for ROS is shut down already.
    executor.shutdown(timeout_sec=0)
    node.destroy_node()


def _spin(executor: SingleThreadedExecutor) -> None:
    """Spins until a signal or a shutdown; what a callback raises is logged, and never ends the process."""
    while rclpy.ok():
        try:
            executor.spin_once()
        except (KeyboardInterrupt, ExternalShutdownException):
            return
        except Exception as error:
            if rclpy.ok():
                LOG.error(f"a callback failed: {error!r}", throttle_duration_sec=1.0)
