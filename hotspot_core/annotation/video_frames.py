"""The frames of a video as images in a folder, for annotation."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hotspot_core.errors import InputError
from hotspot_core.media.images import images_in
from hotspot_core.media.sources import open_source
from hotspot_core.media.writers import write_picture
from hotspot_core.utils.files import PERMISSIONS, write_errors


def video_frames(video: Path, fps: float) -> Path:
    """Writes frames to the folder `<video's stem>_frames` beside a video; a folder that is there stays as it is.

    Returns:
        The folder, which is whole: an interrupted writing leaves none.

    Raises:
        InputError: the video cannot be read, or the folder cannot be written.
    """
    folder = video.with_name(f"{video.stem}_frames")
    if folder.exists():
        if not folder.is_dir() or not images_in(folder):
            raise InputError(f"{folder}: has no frames of {video.name}: remove it, and they are written there")
        return folder
    source = open_source(str(video), fps)
    with write_errors(folder):
        partial = Path(mkdtemp(prefix=f".partial-{video.stem}-", dir=video.parent))
    try:
        for frame in source.frames():
            write_picture(partial / f"{frame.name}.jpg", frame.image, 95)
        with write_errors(folder):
            partial.chmod(PERMISSIONS | 0o111)
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder
