"""The folder that a data set is made in: new or empty, or one in which the making was interrupted."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from hotspot_core.errors import InputError

# Stands in a folder until the data set in it is whole.
UNFINISHED = ".unfinished"


def begin_output(output: Path) -> None:
    """Marks a new or empty folder as unfinished; empties one in which a data set was interrupted.

    Raises:
        InputError: something else is in it, or it cannot be written.
    """
    marker = output / UNFINISHED
    try:
        output.mkdir(parents=True, exist_ok=True)
        if marker.exists():
            print(f"{output}: a data set was interrupted here and begins anew", file=sys.stderr)
        elif any(output.iterdir()):
            raise InputError(f"output folder {output}: not empty; name a new folder or empty it")
        marker.touch()
        # The marker stays throughout: this may be interrupted, too.
        for path in output.iterdir():
            if path != marker:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        raise InputError(f"output folder {output}: can not be written ({error.strerror}); name another one") from error


def finish_output(output: Path) -> None:
    """Says that the data set in a folder is whole."""
    (output / UNFINISHED).unlink()
