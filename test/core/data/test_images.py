"""Image files, real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.media import write_image

from hotspot_core import InputError
from hotspot_core.data.images import images_in, read_image


def test_pixels_are_rgb(tmp_path: Path) -> None:
    """RGB, not BGR; a missing file and one that is no image are named."""
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[..., 0] = 200
    np.testing.assert_array_equal(read_image(write_image(tmp_path / "red.png", picture)), picture)
    (tmp_path / "text.png").write_text("text")
    with pytest.raises(InputError, match=r"text\.png: no image"):
        read_image(tmp_path / "text.png")
    with pytest.raises(InputError, match=r"missing\.png: No such file"):
        read_image(tmp_path / "missing.png")


def test_a_folder_s_images(tmp_path: Path) -> None:
    """By their suffix in any case, in order; those of subfolders only where they are asked for."""
    for name in ("b.PNG", "a.jpg", "below/c.webp", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in images_in(tmp_path)] == ["a.jpg", "b.PNG"]
    assert [path.name for path in images_in(tmp_path, below=True)] == ["a.jpg", "b.PNG", "c.webp"]
    assert images_in(tmp_path / "missing") == []
