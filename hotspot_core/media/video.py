"""Frames of a video at a set rate, from a video file or from a folder of its frames.

Files are decoded from the last key frame before the first requested frame to the last one, and only requested frames
are converted to RGB. What times mean, and how they are kept, stands in `hotspot_core.media.recording`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import cv2
import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.media.bag import names_bag
from hotspot_core.media.bag_video import BagVideo, open_bag_video
from hotspot_core.media.frame_clock import TimedFrame
from hotspot_core.media.frame_folder import frame_folder
from hotspot_core.media.frame_pixels import FramePixels, reduced
from hotspot_core.media.images import Image, is_image, read_image
from hotspot_core.media.recording import ROUNDING, OpenVideo, open_recording

# How long a photo lasts that stands for a video, in seconds.
PHOTO_DURATION = 0.04

# Seconds before a time from which on packets are looked at.
TAIL = 2.0


@dataclass(frozen=True)
class VideoInfo:
    """A video's length in seconds, and the frames per second that it says to have."""

    duration: float
    frame_rate: float


def frame_count(start: float, stop: float, fps: float) -> int:
    """How many frames from `start` to before `stop`, in seconds, there are at `fps`; at least 1."""
    return max(1, ceil((stop - start - ROUNDING) * fps))


def probe(path: str | Path, frame_rate: float | None = None) -> VideoInfo:
    """Length and rate of a video file, or of a folder of frames taken at `frame_rate` per second.

    The length is where the last frame ends; a photo is a video of one frame. Where the header says that the pictures go
    on for clearly longer, it is what the header says: such a file is truncated, see `check_ends`.

    Raises:
        InputError: the file is missing or no video; the folder has no frames.
    """
    path = Path(path)
    if names_bag(path):
        with open_bag_video(str(path)) as bag:
            return VideoInfo(bag.end, bag.rate)
    if path.is_dir():
        if not frame_rate:
            raise InputError(f"{path}: a folder of frames: give their frame rate")
        return VideoInfo(frame_folder(path).length / frame_rate, frame_rate)
    if is_image(path):
        read_image(path)
        return VideoInfo(PHOTO_DURATION, 1 / PHOTO_DURATION)
    with open_recording(path) as recording:
        stated = recording.stated_duration
        end = _end(recording, stated)
        if not end and not stated:
            raise InputError(f"{path}: no frame can be read: the file is empty, damaged or no video")
        truncated = stated is not None and stated > end + _slack(stated)
        return VideoInfo(stated if truncated and stated else end, recording.rate)


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
        path: a video file, a topic of a bag, or a folder of its frames as images, numbered at the end of their names;
            or a photo, whose only frame is returned once.
        start, stop: seconds, as players count them: from the start of the file's first stream, which may be sound.
            Before a file's first picture, it is shown already. None for the video's end.
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
    frames: list[Image] = []
    if names_bag(path):
        with open_bag_video(str(path)) as bag:
            for shown, repeats in _sampled(bag, start, fps, count):
                frames += [_reduced(bag.image(shown.frame), shorter_side)] * repeats
        if not frames:
            raise InputError(f"{path}: no image from {start:g} s on")
        return frames
    if path.is_dir():
        return _folder_frames(path, start, fps, count, frame_rate or fps, shorter_side)
    if is_image(path):
        return [_reduced(read_image(path), shorter_side)]
    with open_recording(path) as recording:
        pixels = FramePixels(shorter_side, recording.transfer)
        for shown, repeats in _sampled(recording, start, fps, count):
            frames += [pixels(shown.frame)] * repeats
    if not frames:
        raise InputError(f"{path}: no frame from {start:g} s on: the file is empty, shorter or damaged")
    return frames


def check_ends(path: Path, start: float, stop: float, frame_rate: float | None = None) -> None:
    """Make sure, without decoding it all, that a video has at least two frames from `start` to about `stop`; that a
    photo is one.

    Raises:
        InputError: see `read_frames`; there is one frame only; the video ends before `stop`.
    """
    if is_image(path) and path.is_file():
        read_image(path)
        return
    if names_bag(path):
        with open_bag_video(str(path)) as bag:
            first = next(_sampled(bag, start, 1.0, 1), None)
            if first is None:
                raise InputError(f"{path}: no image from {start:g} s on")
            bag.image(first[0].frame)
            end, frames = bag.end, bag.count(start, stop)
    elif path.is_dir():
        folder, rate = frame_folder(path), frame_rate or 1.0
        folder.check(start * rate, stop * rate)
        end, frames = folder.length / rate, folder.length
    else:
        with open_recording(path) as recording:
            first = next(_sampled(recording, start, 1.0, 1), None)
            if first is None:
                raise InputError(f"{path}: no frame from {start:g} s on: the file is empty, shorter or damaged")
            FramePixels(transfer=recording.transfer)(first[0].frame)
            end, frames = _span(recording, start, stop)
    if min(frames, end - start) <= ROUNDING or frames < 2:
        raise InputError(f"{path}: one frame only: a clip needs at least two")
    if end < stop - _slack(stop - start):
        raise InputError(f"{path}: ends after {end:.1f} s, before its stop at {stop:.1f} s: truncated?")


def _slack(seconds: float) -> float:
    """By how much a video may end before it should."""
    return max(0.5, 0.1 * seconds)


def _end(recording: OpenVideo, stated: float | None) -> float:
    """Where the last frame ends, in seconds; 0 where there is none."""
    end, _ = _span(recording, stated or 0.0, None)
    return end or _span(recording, 0.0, None)[0]


def _span(recording: OpenVideo, start: float, stop: float | None) -> tuple[float, int]:
    """The end in seconds of the last packet before `stop`, and the number of packets after `start`."""
    end, count, after = 0.0, 0, 0
    # A seek may land a little later than it should.
    for packet in recording.packets(start - TAIL if start > TAIL else None):
        if packet.size == 0 or packet.is_corrupt:
            continue
        time = recording.time_of(packet)
        if time is None:
            time = count / recording.rate
        count += 1
        after += time >= start - ROUNDING
        end = max(end, time + (float((packet.duration or 0) * recording.time_base) or 1 / recording.rate))
        if stop is not None and end >= stop:
            break
    return end, after


def _sampled(
    recording: OpenVideo | BagVideo, start: float, fps: float, count: int | None
) -> Iterator[tuple[TimedFrame, int]]:
    """Decoded frames with how often the sampling at `fps` from `start` takes each."""

    def is_needed(since: float, until: float) -> bool:
        if until < start - ROUNDING:
            return False
        next_sample = max(0, ceil((since - start - ROUNDING) * fps))
        return start + next_sample / fps < until + ROUNDING

    taken = 0
    shown: TimedFrame | None = None
    for frame in recording.frames(start, is_needed):
        repeats = 0
        while shown is not None and start + taken / fps < frame.time - ROUNDING and (count is None or taken < count):
            repeats, taken = repeats + 1, taken + 1
        if repeats and shown is not None:
            yield shown, repeats
        if count is not None and taken >= count:
            return
        shown = frame
    if shown is not None:
        end = shown.time + shown.duration
        repeats = frame_count(start, end, fps) - taken if end > start + ROUNDING else 0
        repeats = min(repeats, (count or repeats + taken) - taken)
        if repeats > 0:
            yield shown, repeats


def _folder_frames(
    path: Path, start: float, fps: float, count: int | None, frame_rate: float, shorter_side: int | None
) -> list[Image]:
    folder = frame_folder(path)
    available = frame_count(start, folder.length / frame_rate, fps)
    frames = []
    for k in range(available if count is None else min(available, count)):
        index = int((start + k / fps + ROUNDING) * frame_rate)
        if index >= folder.length:
            break
        frames.append(_reduced(folder.read(index), shorter_side))
    if not frames:
        raise InputError(f"{path}: no frame from {start:g} s on: the folder has {folder.length} frames")
    return frames


def _reduced(frame: Image, shorter_side: int | None) -> Image:
    size = reduced(frame.shape[0], frame.shape[1], shorter_side)
    if size == frame.shape[:2]:
        return frame
    return np.asarray(cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
