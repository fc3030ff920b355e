"""Frames of a video at a set rate, from a video file or from a folder of its frames.

Files are decoded with PyAV (FFmpeg): from the last key frame before the first requested frame to the last one, and
only requested frames are converted to RGB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.media.frame_folder import frame_folder
from hotspot_core.media.images import Image

try:
    import av
    from av.video.reformatter import VideoReformatter
except ModuleNotFoundError:  # pragma: no cover
    raise InputError("reading videos needs PyAV: pip install 'av>=12'") from None

# One thread, where PyAV knows more: they cost more than they save on pictures of this size.
_THREADS = {"threads": 1} if "threads" in (VideoReformatter.reformat.__doc__ or "") else {}

# Seconds by which times may be off through rounding, less than any frame lasts.
ROUNDING = 1e-3


@dataclass(frozen=True)
class VideoInfo:
    """What a video says about itself: its length in seconds and its frames per second."""

    duration: float
    frame_rate: float


def frame_count(start: float, stop: float, fps: float) -> int:
    """How many frames from `start` to before `stop`, in seconds, there are at `fps`; at least 1."""
    return max(1, ceil((stop - start - ROUNDING) * fps))


def probe(path: str | Path, frame_rate: float | None = None) -> VideoInfo:
    """Length and rate of a video file, or of a folder of frames taken at `frame_rate` per second.

    Raises:
        InputError: the file is missing, is no video, or does not say how long it is; the folder has no frames.
    """
    path = Path(path)
    if path.is_dir():
        if not frame_rate:
            raise InputError(f"{path}: a folder of frames: give their frame rate")
        return VideoInfo(frame_folder(path).count / frame_rate, frame_rate)
    with _opened(path) as (container, stream):
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        if stream.duration:
            duration = float(stream.duration * stream.time_base)
        elif container.duration:
            duration = container.duration / av.time_base
        else:
            raise InputError(f"{path}: the video does not say how long it is: remux it, or give start and stop")
    return VideoInfo(duration, rate)


def read_frames(
    path: str | Path,
    start: float = 0.0,
    stop: float | None = None,
    fps: float = 5.0,
    count: int | None = None,
    *,
    frame_rate: float | None = None,
    shorter_side: int | None = None,
) -> list[Image]:
    """The frames that a video shows at `start`, `start` + 1 / fps, ... before `stop`.

    Args:
        path: a video file, or a folder of its frames as images, numbered at the end of their names.
        start, stop: seconds; None for the video's end.
        fps: frames per second of what is returned; frames repeat where the video has fewer.
        count: largest number of frames.
        frame_rate: frames per second of a folder's images; None where they were taken at `fps`.
        shorter_side: larger frames are reduced until their shorter side has so many pixels; None for never.

    Returns:
        (H, W, 3) uint8 RGB frames of one size, upright as the file's metadata says; at least one, fewer than asked
        for where the video ends before.

    Raises:
        InputError: the file is missing, is no video, has no video stream or no frame there; the text says which.
    """
    path = Path(path)
    if fps <= 0 or (count is not None and count < 1) or (stop is not None and stop <= start):
        raise InputError(f"{path}: {count} frames at {fps}/s from {start} s to {stop} s: nothing to read")
    if stop is not None:
        available = frame_count(start, stop, fps)
        count = available if count is None else min(count, available)
    if path.is_dir():
        return _folder_frames(path, start, fps, count, frame_rate or fps, shorter_side)
    frames: list[Image] = []
    # Shared by the frames: making one costs more than using it.
    reformatter = VideoReformatter()
    with _opened(path) as (container, stream):
        for frame, repeats in _sampled(container, stream, start, fps, count):
            frames += [_image(reformatter, frame, shorter_side)] * repeats
    if not frames:
        raise InputError(f"{path}: no frame from {start:g} s on: the file is empty, shorter or damaged")
    return frames


def check_ends(path: Path, start: float, stop: float, frame_rate: float | None = None) -> None:
    """Make sure, without decoding it all, that a video has at least two frames from `start` to about `stop`.

    Raises:
        InputError: see `read_frames`; there is one frame only; the video ends before `stop`.
    """
    if path.is_dir():
        info = probe(path, frame_rate)
        frame_folder(path).read(_index(start, info.frame_rate))
        end, frames = info.duration, info.duration * info.frame_rate
    else:
        read_frames(path, start, fps=1.0, count=1)
        end, frames = _demuxed(path, start, stop)
    if min(frames, end - start) <= ROUNDING or frames < 2:
        raise InputError(f"{path}: one frame only: a clip needs at least two")
    if end < stop - max(0.5, 0.1 * (stop - start)):
        raise InputError(f"{path}: ends after {end:.1f} s, before its stop at {stop:.1f} s: truncated?")


def _demuxed(path: Path, start: float, stop: float) -> tuple[float, int]:
    """The end in seconds of the last packet before `stop` and the number of packets after `start`."""
    end, packets = 0.0, 0
    with _opened(path) as (container, stream):
        _seek(container, stream, start)
        try:
            for packet in container.demux(stream):
                if packet.pts is None or packet.size == 0 or packet.is_corrupt:
                    continue
                time = float((packet.pts - (stream.start_time or 0)) * stream.time_base)
                packets += time >= start - ROUNDING
                end = max(end, time + float((packet.duration or 0) * stream.time_base))
                if end >= stop:
                    break
        except av.FFmpegError:
            pass
    return end, packets


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The open container and its first video stream, decoding in this thread only."""
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    try:
        container = av.open(str(path))
    except (av.FFmpegError, ValueError) as error:
        raise InputError(
            f"{path}: no video that FFmpeg can read ({_reason(error)}): not a video, or truncated"
        ) from None
    with container:
        if not container.streams.video:
            raise InputError(f"{path}: the file has no video stream")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise InputError(f"{path}: FFmpeg knows no decoder for the video stream")
        # Many clips are read at once by a loader's workers, so threads within one would only be in their way.
        stream.codec_context.thread_count = 1
        try:
            yield container, stream
        except av.FFmpegError as error:
            raise InputError(f"{path}: the video is damaged ({_reason(error)})") from None


def _seek(container: Any, stream: Any, start: float) -> None:
    """Go to the last key frame before `start`; stay at the beginning, where a container is opened, if that fails."""
    if start > ROUNDING:
        with suppress(av.FFmpegError):
            container.seek(int(start / stream.time_base) + (stream.start_time or 0), stream=stream)


def _sampled(container: Any, stream: Any, start: float, fps: float, count: int | None) -> Iterator[tuple[Any, int]]:
    """Decoded frames with how often the sampling at `fps` from `start` takes each."""
    taken = 0
    shown: Any = None
    shown_until = start
    for frame in _decoded(container, stream, start, fps):
        time = float((frame.pts - (stream.start_time or 0)) * stream.time_base)
        repeats = 0
        while shown is not None and start + taken / fps < time - ROUNDING and (count is None or taken < count):
            repeats, taken = repeats + 1, taken + 1
        if repeats:
            yield shown, repeats
        if count is not None and taken >= count:
            return
        shown = frame
        shown_until = time + float((frame.duration or 0) * frame.time_base or 1 / float(stream.average_rate or 25))
    if shown is not None:
        repeats = frame_count(start, shown_until, fps) - taken if shown_until > start + ROUNDING else 0
        repeats = min(repeats, (count or repeats + taken) - taken)
        if repeats > 0:
            yield shown, repeats


def _decoded(container: Any, stream: Any, start: float, fps: float) -> Iterator[Any]:
    """Frames in order of time from the key frame before `start` on; damaged packets are passed over.

    Frames that no other frame needs are left out where no sample falls into them, which halves the time.
    """
    _seek(container, stream, start)
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            stream.codec_context.skip_frame = "DEFAULT" if _is_sampled(packet, stream, start, fps) else "NONREF"
            frames = packet.decode()
        except StopIteration:
            return
        except av.EOFError:
            return
        except av.FFmpegError:
            continue
        yield from (frame for frame in frames if frame.pts is not None)


def _is_sampled(packet: Any, stream: Any, start: float, fps: float) -> bool:
    """Whether a sample of `fps` per second from `start` on falls into a packet's frame, as far as that is known."""
    if packet.pts is None or not packet.duration:
        return True
    unit = float(stream.time_base)
    shown = (packet.pts - (stream.start_time or 0)) * unit
    gone = shown + packet.duration * unit
    if gone < start - ROUNDING:
        return False
    next_sample = max(0, ceil((shown - start - ROUNDING) * fps))
    return start + next_sample / fps < gone + ROUNDING


def _image(reformatter: Any, frame: Any, shorter_side: int | None) -> Image:
    """A decoded frame as upright RGB, reduced."""
    height, width = _reduced(frame.height, frame.width, shorter_side)
    rgb = reformatter.reformat(frame, width, height, "rgb24", interpolation="BILINEAR", **_THREADS)
    return np.ascontiguousarray(np.rot90(rgb.to_ndarray(), round(frame.rotation / 90)), np.uint8)


def _reduced(height: int, width: int, shorter_side: int | None) -> tuple[int, int]:
    scale = 1.0 if shorter_side is None else min(1.0, shorter_side / min(height, width))
    return round(height * scale), round(width * scale)


def _folder_frames(
    path: Path, start: float, fps: float, count: int | None, frame_rate: float, shorter_side: int | None
) -> list[Image]:
    folder = frame_folder(path)
    available = frame_count(start, folder.count / frame_rate, fps)
    frames = []
    for k in range(available if count is None else min(available, count)):
        index = _index(start + k / fps, frame_rate)
        if index >= folder.count:
            break
        frame = folder.read(index)
        size = _reduced(frame.shape[0], frame.shape[1], shorter_side)
        if size != frame.shape[:2]:
            frame = np.asarray(cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        frames.append(frame)
    if not frames:
        raise InputError(f"{path}: no frame from {start:g} s on: the folder has {folder.count} frames")
    return frames


def _index(time: float, frame_rate: float) -> int:
    return int((time + ROUNDING) * frame_rate)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().lower()
