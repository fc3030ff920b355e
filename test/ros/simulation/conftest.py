"""Chooses what MuJoCo draws with before a test imports it, and leaves out the tests that need what is not there."""

from __future__ import annotations

from importlib.util import find_spec

from hotspot_core.errors import InputError
from hotspot_core.utils.opengl import choose_backend

collect_ignore: list[str] = []
try:
    choose_backend("sim")
except InputError:
    collect_ignore = ["test_scene_camera.py", "test_meta_world.py"]
if find_spec("metaworld") is None:
    collect_ignore.append("test_meta_world.py")
