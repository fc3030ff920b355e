"""Coming to a Ray cluster, and noticing that it is gone."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType

from hotspot_core.errors import InputError

# Of `--cluster`: the one that this computer belongs to; one that is started for the run.
AUTO, LOCAL = "auto", "local"
# Seconds of an attempt, and between two; so many in a row must fail.
TIMEOUT, PAUSE, ATTEMPTS = 3.0, 2.0, 3


def ray_library() -> ModuleType:
    """The package ray, with Ray Data.

    Raises:
        InputError: it is not installed.
    """
    # Must be there before the import, and no run shall tell anybody that there is one.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        raise InputError(f"--engine ray needs {error.name}: pip install 'hotspot_core[ray]'") from error
    return ray


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Within, Ray works on a cluster.

    Args:
        address: "auto", "local", or host:port.

    Raises:
        InputError: Ray is not installed, there is no cluster, or it is gone within.
    """
    ray = ray_library()
    if address not in (AUTO, LOCAL):
        _check_address(address)
    options = {"include_dashboard": False} if address == LOCAL else {}
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        found = "no cluster runs on this computer" if address == AUTO else str(error).splitlines()[0]
        raise InputError(f"--cluster {address}: {found}: start one with ray start --head, or use local") from error
    try:
        with _watched(ray.get_runtime_context().gcs_address):
            yield
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdecimal() or "/" in host:
        raise InputError(f"--cluster {address}: give host:port as `ray start --head` tells it, {AUTO} or {LOCAL}")
    reason = _unreachable(address)
    if reason:
        raise InputError(f"--cluster {address}: {reason}: start it with ray start --head, or give another address")


def _unreachable(address: str) -> str:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), TIMEOUT).close()
    except (OSError, OverflowError) as error:
        return f"no cluster answers there ({getattr(error, 'strerror', None) or error})"
    return ""


@contextmanager
def _watched(address: str) -> Iterator[None]:
    """Ray waits a minute for a cluster that is gone, and then ends the process: here it is an InputError, sooner."""
    ended, lost = threading.Event(), threading.Event()

    def watch() -> None:
        failures = 0
        while not ended.wait(PAUSE):
            failures = failures + 1 if _unreachable(address) else 0
            if failures == ATTEMPTS:
                lost.set()
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    except BaseException as error:
        if not lost.is_set():
            raise
        raise gone(address) from error
    finally:
        ended.set()
        with suppress(KeyboardInterrupt):
            thread.join()


def gone(address: str) -> InputError:
    """What is said of a cluster that was there."""
    return InputError(f"the cluster at {address} is gone: run the same command again to go on where it was")
