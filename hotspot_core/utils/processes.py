"""Processes that work for another one."""

from __future__ import annotations

import os
import signal
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread


def end_with_parent() -> None:
    """Lets this process end as soon as the one that started it has, even if that was killed; a pool's initializer.

    Without it a worker goes on with the items that it has, and writes into what may have been begun anew.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def leave_signals_to_parent(_worker: int = 0) -> None:
    """Lets this process go on where Ctrl-C or SIGTERM reach a whole group: who started it ends it when it has saved.

    For a loader's workers, which end by themselves where that process has gone.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
