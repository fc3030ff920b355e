"""Processes that work for another one."""

from __future__ import annotations

import os
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
