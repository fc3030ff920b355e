"""Start and end of a process with one node: signals, arguments, exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException
from rclpy.logging import get_logger

from hotspot_core.errors import InputError


def run(name: str, work: Callable[[], None], args: list[str] | None = None) -> int:
    """Initialises ROS, does the work, and shuts ROS down.

    Args:
        name: of the logger that reports bad input.
        work: makes a node and spins it; raises InputError where it cannot.

    Returns:
        0 where the work ended, or was ended by SIGINT, SIGTERM or a shutdown; 2 on bad input, after one line.
    """
    # systemd, docker and launch end a process with SIGTERM: treat it as SIGINT. rclpy wakes its wait for both.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.unraisablehook = _report_unraisable
    try:
        _initialize(args)
        work()
    except (KeyboardInterrupt, ExternalShutdownException, InvalidHandle):
        pass
    except InputError as error:
        get_logger(name).fatal(str(error))
        return 2
    except Exception:
        if rclpy.ok():
            raise
        # A signal or a shutdown came while ROS was at work, which makes an error of its own of it.
    finally:
        ignore_signals()
        rclpy.try_shutdown()
    return 0


def ignore_signals() -> None:
    """launch and the terminal may both send a signal: the second must not break the clean-up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _report_unraisable(unraisable: Any) -> None:
    """A signal may come while Python is in a destructor, which no exception leaves: rclpy ends the spinning all the
    same, and nothing is wrong."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def _initialize(args: list[str] | None) -> None:
    try:
        rclpy.init(args=args)
    except RuntimeError as error:
        reason = str(error).split(", at /")[0]
        if "logging directory" in reason:
            raise InputError(
                f"ROS has no folder for its log files ({reason}): set HOME, ROS_HOME or ROS_LOG_DIR to one that can be "
                "written to"
            ) from error
        given = " ".join(sys.argv[1:] if args is None else args[1:])
        raise InputError(
            f"arguments {given!r}: {reason}" if given else f"ROS cannot be initialized: {reason}"
        ) from error
