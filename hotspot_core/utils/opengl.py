"""Which OpenGL MuJoCo draws with: chosen before it is imported, which reads it then."""

from __future__ import annotations

import os
from ctypes.util import find_library
from importlib.util import find_spec

from hotspot_core.errors import InputError


def choose_backend(extra: str = "render") -> str:
    """Set MUJOCO_GL where the user has not: EGL, else OSMesa; both need no display and no GPU. Its value.

    Args:
        extra: of this package that brings MuJoCo, for the error's text.

    Raises:
        InputError: MuJoCo or every OpenGL library is missing; the text says what to install.
    """
    if find_spec("mujoco") is None:
        raise InputError(f"rendering needs the package mujoco: pip install '.[{extra}]' in the repository")
    if "MUJOCO_GL" not in os.environ:
        found = [name for name, library in (("egl", "EGL"), ("osmesa", "OSMesa")) if find_library(library)]
        if not found:
            raise InputError(
                "no OpenGL to render with: install EGL (Debian: apt-get install libegl1 libgl1-mesa-dri) or OSMesa "
                "(libosmesa6)"
            )
        os.environ["MUJOCO_GL"] = found[0]
    # One process per core draws; Mesa's own threads would only wait for each other.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    return os.environ["MUJOCO_GL"]


def no_opengl(error: BaseException) -> InputError:
    """What to say where it is there and does not start."""
    return InputError(
        f"no OpenGL context ({type(error).__name__}: {error}): install EGL (Debian: libegl1 libgl1-mesa-dri) or set "
        "MUJOCO_GL=osmesa (libosmesa6)"
    )
