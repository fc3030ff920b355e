"""The process of the node."""

from __future__ import annotations

import os

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.logging import get_logger

from hotspot_ros.process import ignore_signals, run

# Not the node's own logger, whose topic is gone before the process ends.
LOG = get_logger("hotspot_node")
# Seconds that the worker gets to finish its frame when the process is asked to end.
WORKER_TIMEOUT = 1.0


def main(args: list[str] | None = None) -> int:
    """Runs the node until SIGINT, SIGTERM or a shutdown of its context.

    Returns:
        0 after a clean end; 2 where a parameter, the checkpoint or the device cannot be used.
    """
    return run("hotspot_node", _work, args)


def _work() -> None:
    # Imported here, with the signal handlers in place: torch takes seconds to import.
    from hotspot_ros.node import HotspotNode

    node = HotspotNode()
    if node.parameters.autostart:
        node.start()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    _spin(executor)
    ignore_signals()
    finished = node.stop(WORKER_TIMEOUT)
    if node.cameras:
        LOG.info(f"ending: {node.counts()}")
    if not finished:
        # A frame of a large model is under way in native code, which nothing can interrupt.
        os._exit(0)
    executor.shutdown()
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
