"""A recording that is open: its pictures from any time on, with the times that the file gives them.

Time 0 is where players and FFmpeg have it: at the start of the file's first stream, which may be sound. Where a file
keeps no times of presentation (AVI, elementary streams), its pictures follow each other at the times or at the rate
that it has, from 0 on.

Where a seek lands is checked: a container without an index lands on a key frame after the requested time, a decoder
needs some pictures after a key frame that is none (periodic intra refresh), and pictures before a key frame of an open
group refer to what was not read. The seek is then repeated further back, in the end from the file's start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.media.frame_clock import FrameClock, TimedFrame
from hotspot_core.media.pyav import av
from hotspot_core.media.urls import is_url, without_password

# Seconds by which times may be off through rounding, less than any frame lasts.
ROUNDING = 1e-3
# Pictures per second where a file states neither times nor a rate.
USUAL_RATE = 25.0
# Seconds that a network connection may take to open, and to deliver.
TIMEOUT = (20.0, 20.0)

# So many frames come before the first key frame of an open group at most: what codecs can reorder.
MAX_LEADING = 32

# Decoders that leave out pictures no other needs, and only them, when they are asked to between two packets.
_SKIPPING_DECODERS = ("h264", "hevc")
# Containers whose packets have no times of presentation, though FFmpeg guesses some.
_WITHOUT_TIMES = ("avi",)
# Containers that state the time of some pictures only, at least every .7 s (ISO 13818-1): FFmpeg guesses the others,
# wrongly until the first stated time after a seek.
_SPARSE_TIMES, SETTLING = ("mpeg", "mpegts"), 0.75


# Whether a frame that is shown from one time to another, in seconds, is needed.
IsNeeded = Callable[[float, float], bool]


class OpenVideo:
    """See the module; made by `open_recording`.

    Attributes:
        place: the file's path or a URL.
        container, stream: PyAV's.
        time_base: seconds per tick of the stream.
        rate: pictures per second as the file says it, or `USUAL_RATE`.
    """

    def __init__(self, place: str, container: Any, stream: Any) -> None:
        self.place = place
        self.container, self.stream = container, stream
        self.time_base = stream.time_base
        self.rate = _plausible(stream.guessed_rate) or _plausible(stream.average_rate) or USUAL_RATE
        self._stated = container.format.name not in _WITHOUT_TIMES
        origin = container.start_time if self._stated else None
        self._origin = 0.0 if origin is None else origin / av.time_base
        self._settling = SETTLING if container.format.name in _SPARSE_TIMES else 0.0
        self._fresh = True
        self._delay: int | None = None

    def seconds(self, ticks: int) -> float:
        """The time of a tick of the stream."""
        return float(ticks * self.time_base) - self._origin

    @property
    def transfer(self) -> int | None:
        """FFmpeg's number of the transfer characteristic."""
        return self.stream.codec_context.color_trc

    @property
    def stated_frames(self) -> int | None:
        """Number of frames as the header has it, or as its duration and rate make it; None where it does not say."""
        duration = self.stated_duration
        if duration is None and self.container.duration:
            duration = self.container.duration / av.time_base
        return self.stream.frames or (round(duration * self.rate) if duration else None)

    @property
    def stated_duration(self) -> float | None:
        """Seconds from 0 to the end of the stream as the header has it; None where it does not say."""
        if not self.stream.duration or self.stream.duration < 0:
            return None
        return self.seconds((self.stream.start_time or 0) + self.stream.duration)

    def time_of(self, packet: Any) -> float | None:
        """When a packet's frame is shown, in seconds, as near as packets tell that; None where they do not."""
        ticks = packet.pts if self._stated and packet.pts is not None else packet.dts
        return None if ticks is None else self.seconds(ticks)

    def frames(self, start: float = 0.0, is_needed: IsNeeded | None = None) -> Iterator[TimedFrame]:
        """Frames in the order of their times, from one that is shown at `start` or before, or else from the first.

        Args:
            start: seconds.
            is_needed: whether a frame that is shown from a time to another is needed: others are left out where that
                saves time. None for all.

        Damaged packets are passed over.
        """
        if not self._stated and self._delay is None and start > ROUNDING:
            self._delay = self._packets_before_output()
        sure = start - self._settling
        for target in _targets(sure):
            frames = self._decoded(target, is_needed)
            first = next(frames, None)
            if target is not None and (first is None or first.time > sure + ROUNDING):
                continue
            if first is not None:
                yield first
                yield from frames
            return

    def packets(self, start: float | None) -> Iterator[Any]:
        """Packets of the stream from about `start` on, from the beginning where it is None; what is damaged is passed
        over."""
        if start is None:
            self._rewind()
        else:
            self._fresh = False
            ticks = round((start + self._origin) / self.time_base)
            try:
                self.container.seek(ticks, stream=self.stream)
            except av.FFmpegError:
                self._rewind()
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.EOFError:
                return
            except av.FFmpegError:
                # Again and again the same where the file ends in the middle.
                return
            if packet is None:
                return
            yield packet

    def _decoded(self, start: float | None, is_needed: IsNeeded | None) -> Iterator[TimedFrame]:
        """Frames that nothing is missing for, after a seek to `start`, or from the beginning."""
        context = self.stream.codec_context
        clock = FrameClock(self.seconds, float(self.time_base), self.rate, self._stated)
        skips = is_needed is not None and self._stated and context.name in _SKIPPING_DECODERS
        reading = whole = start is None
        incomplete = 0
        for packet in self.packets(start):
            # Where the seek has landed between key frames, decoders would begin with what they guess.
            reading = reading or packet.is_keyframe
            if not reading:
                continue
            if skips and is_needed is not None:
                context.skip_frame = "DEFAULT" if self._is_needed(packet, is_needed) else "NONREF"
            clock.sent(packet)
            try:
                frames = packet.decode()
            except av.EOFError:
                return
            except av.FFmpegError:
                continue
            if frames and clock.last is None and not self._stated and start is not None:
                # Decoders leave out, without a word, what comes before the key frame of an open group.
                clock.dropped(len(clock.pending) - (self._delay or 1 if packet.size else len(frames)))
            for frame in frames:
                if start is not None and not clock.knows(frame):
                    return
                timed = clock.timed(frame)
                # Before the key frame itself come those that refer to what was not read. Where none comes, the file
                # has recovery points in its place, after which pictures are whole soon, but not all at once.
                whole = whole or frame.key_frame
                if whole:
                    yield timed
                    continue
                incomplete += 1
                if incomplete > MAX_LEADING:
                    return

    def _packets_before_output(self) -> int:
        """How many packets the decoder takes until it gives the first frame."""
        for count, packet in enumerate(self.packets(None), start=1):
            try:
                if packet.decode():
                    return count
            except av.FFmpegError:
                continue
        return 1

    def _is_needed(self, packet: Any, is_needed: IsNeeded) -> bool:
        if packet.pts is None or not packet.duration:
            return True
        return is_needed(self.seconds(packet.pts), self.seconds(packet.pts + packet.duration))

    def _rewind(self) -> None:
        """Opens the file anew, unless nothing has been read of it: formats that cannot seek do not rewind either."""
        if self._fresh:
            self._fresh = False
            return
        threads = self.stream.codec_context.thread_count
        self.container.close()
        self.container, self.stream = _open(self.place)
        self.stream.codec_context.thread_count = threads


def _targets(start: float) -> Iterator[float | None]:
    """Times to seek to, one after another until one lands early enough; None for the beginning."""
    back = 0.0
    while start - back > ROUNDING:
        yield start - back
        back = 2 * back or 1.0
    yield None


@contextmanager
def open_recording(place: str | Path, threads: int = 1) -> Iterator[OpenVideo]:
    """An open recording.

    Args:
        place: a file, or a URL that FFmpeg knows.
        threads: that decode; 0 for as many as FFmpeg likes.

    Raises:
        InputError: the file is missing, empty or no video, or has no video stream or none that can be decoded.
    """
    text = str(place)
    container, stream = _open(text)
    recording = OpenVideo(text, container, stream)
    stream.codec_context.thread_count = threads
    if threads != 1:
        stream.thread_type = "AUTO"
    try:
        yield recording
    except av.FFmpegError as error:
        raise InputError(f"{without_password(text)}: the video is damaged ({_reason(error)})") from None
    finally:
        recording.container.close()


def _open(place: str) -> tuple[Any, Any]:
    path = Path(place)
    if not is_url(place):
        if not path.exists() or path.is_dir():
            raise InputError(f"{place}: no such file or folder")
        if path.is_file() and path.stat().st_size == 0:
            raise InputError(f"{place}: the file is empty")
    try:
        options = {"rtsp_transport": "tcp"} if place.startswith("rtsp") else {}
        container = av.open(place, options=options, timeout=TIMEOUT if is_url(place) else None)
    except (av.FFmpegError, ValueError, OSError) as error:
        shown = without_password(place)
        remedy = "is it reachable?" if is_url(place) else "not a video, or truncated"
        raise InputError(f"{shown}: no video that FFmpeg can read ({_reason(error)}): {remedy}") from None
    try:
        return container, _video_stream(place, container)
    except InputError:
        container.close()
        raise


def _video_stream(place: str, container: Any) -> Any:
    """The stream that FFmpeg and players take; a cover picture is none."""
    if not container.streams.video:
        raise InputError(f"{without_password(place)}: the file has no video stream")
    stream = container.streams.best("video") or container.streams.video[0]
    if stream.codec_context is None:
        raise InputError(
            f"{without_password(place)}: the installed FFmpeg has no decoder for this video: convert it to H.264, or "
            "install a PyAV that has one"
        )
    return stream


def _plausible(rate: Any) -> float | None:
    return float(rate) if rate and 0 < rate <= 1000 else None


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().lower()
