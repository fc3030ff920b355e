#!/usr/bin/env bash
# AV1 through libdav1d: skip_frame cannot be changed once decoding has begun, though it reads back as changed.
#
# Guess:   codec_context.skip_frame may be set before each packet, as FFmpeg's own H.264 decoder takes it: skip
#          what is not needed up to a time, then decode all.
# Happens: libdav1d keeps the value that it began with. The property
#          gives back the new value; the frames follow the first one to the end of the stream.
# Hurt:    who skips frames that no sample needs: frames are missing where all were asked for, and neighbors come in
#          their place. With "NONKEY" to find a start, a clip has one frame in a group of pictures.
# Seen:    PyAV 18.1.0 (FFmpeg 8) with libdav1d, streams of SVT-AV1.
# Source:  FFmpeg's libavcodec/avcodec.h (AVCodecContext.skip_frame).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy==2.4.6
SVT_LOG=1 venv/bin/python - <<'PY'
import av
import numpy as np

print("PyAV", av.__version__, "libavcodec", av.library_versions["libavcodec"])


def picture(number):
    """The frame number in eight squares, lowest bit first."""
    image = np.full((96, 128, 3), 100, np.uint8)
    for bit in range(8):
        image[:32, 16 * bit : 16 * bit + 16] = 220 if number >> bit & 1 else 20
    return image


def number_of(frame):
    gray = frame.to_ndarray(format="gray")
    return sum(1 << bit for bit in range(8) if gray[8:24, 16 * bit + 4 : 16 * bit + 12].mean() > 120)


def written(path, codec, options):
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt, stream.options = 128, 96, "yuv420p", options
        for number in range(60):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


def read(path, first, later):
    """The numbers of the frames that come when skip_frame is `first` for 24 packets, then `later`."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        numbers = []
        for index, packet in enumerate(container.demux(stream)):
            context.skip_frame = first if index < 24 else later
            numbers += [number_of(frame) for frame in packet.decode()]
        print(f"{context.name}: {first}, then {later} (reads {context.skip_frame}): {len(numbers)} frames {numbers}")
        return numbers


h264 = written("h264.mp4", "libx264", {"x264-params": "keyint=24:min-keyint=24:scenecut=0"})
av1 = written("av1.mp4", "libsvtav1", {"preset": "10", "svtav1-params": "keyint=24"})
every = read(av1, "DEFAULT", "DEFAULT")
keys = read(av1, "NONKEY", "NONKEY")
mended = read(av1, "NONKEY", "DEFAULT")
other = read(h264, "NONKEY", "DEFAULT")
assert every == list(range(60)) and len(keys) < 10
assert len(other) > 30, "H.264 does not take a changed skip_frame either"
assert mended == keys, "libdav1d takes a changed skip_frame"
assert read(av1, "DEFAULT", "NONKEY") == every, "libdav1d takes a changed skip_frame"
PY
