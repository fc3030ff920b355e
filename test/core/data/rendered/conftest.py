"""Chooses the renderer's OpenGL before a test imports MuJoCo, and skips these tests where there is none."""

import pytest

from hotspot_core.errors import InputError
from hotspot_core.utils.opengl import choose_backend

try:
    choose_backend()
    REASON = ""
except InputError as error:
    REASON = str(error)

collect_ignore_glob = ["test_*.py"] if REASON else []


@pytest.fixture(scope="session")
def renderer():
    """A renderer for pictures of up to 160x120 pixels."""
    from hotspot_core.data.rendered.renderer import Renderer

    try:
        made = Renderer(160, 120)
    except InputError as error:
        pytest.skip(str(error))
    yield made
    made.close()
