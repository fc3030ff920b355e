#!/usr/bin/env bash
# H.264 with periodic intra refresh: a seek to a recovery point can give a second of wrong frames that claim to be right.
#
# Guess:   a decoder that starts at a recovery point hands out frames once the stream's recovery count has passed, and
#          they are exact; what is not is held back, or marked corrupt.
# Happens: where the recovery point's frame_num is 0 (x264 counts to 16 for such streams: frames 48, 96 ... of a refresh
#          every 24), the H.264 decoder refuses that picture ("Missing reference picture" in FFmpeg's log), and with it
#          the first refreshed column; all the same it declares the stream recovered after the count. The frames are
#          far off until the next refresh, with is_corrupt False. One packet earlier as the start, and all are exact.
# Hurt:    who samples clips of live, drone and surveillance recordings (low-latency encoders refresh this way): gray
#          frames with right time stamps enter a data set, and neither flags nor exceptions tell.
# Seen:    PyAV 18.1.0 (FFmpeg 8) with libx264.
# Source:  ITU-T H.264, D.2.8 (recovery point SEI) and 8.2.5.2 (gaps in frame_num).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0 numpy==2.4.6
venv/bin/python - <<'PY'
import av
import numpy as np

print("PyAV", av.__version__, "libavcodec", av.library_versions["libavcodec"])


def picture(number):
    image = np.empty((96, 128, 3), np.uint8)
    image[:] = np.linspace(40, 200, 128)[:, None]
    left = number * 5 % 110
    image[40:60, left : left + 18] = 220, 60, 40
    return image


with av.open("refresh.mp4", "w") as container:
    stream = container.add_stream("libx264", rate=24)
    stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
    stream.options = {"x264-params": "intra-refresh=1:keyint=24:bframes=0"}
    for number in range(96):
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
    container.mux(stream.encode())


def pixels(frame):
    return frame.to_ndarray(format="rgb24").astype(int)


with av.open("refresh.mp4") as container:
    exact = [pixels(frame) for frame in container.decode(video=0)]


def after_seek(seconds):
    """(number, flags, mean difference from the frame when all is decoded), for every frame after the seek."""
    with av.open("refresh.mp4") as container:
        stream = container.streams.video[0]
        container.seek(round(seconds / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            number = round(frame.time * 24)
            yield number, frame.is_corrupt, frame.key_frame, np.abs(pixels(frame) - exact[number]).mean()


def one_packet_earlier():
    """The mean differences when the decoder is fed from packet 47 on, not from 48."""
    with av.open("refresh.mp4") as container:
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = container.streams.video[0].codec_context.extradata
        packets = [packet for packet in container.demux(video=0) if packet.size]
        for packet in packets[47:72]:
            for frame in decoder.decode(packet):
                number = round(frame.time * 24)
                yield np.abs(pixels(frame) - exact[number]).mean()


found = {seconds: list(after_seek(seconds)) for seconds in (1, 2, 3)}
for seconds, frames in found.items():
    wrong = [frame for frame in frames if frame[3] > 1]
    print(f"seek to {seconds} s: frames from {frames[0][0]} on, {len(wrong)} wrong", end="")
    print(f", the first by {wrong[0][3]:.0f} levels, corrupt={wrong[0][1]}, key={wrong[0][2]}" if wrong else "")
earlier = list(one_packet_earlier())
print(f"decoder started one packet before 2 s: {len(earlier)} frames, the worst by {max(earlier):.0f} levels")

wrong = [frame for frame in found[2] if frame[3] > 1]
assert len(wrong) > 10 and wrong[0][3] > 20, "frames after the seek to 2 s are right"
assert not any(corrupt for _, corrupt, _, _ in wrong), "the wrong frames are marked"
assert all(difference < 1 for seconds in (1, 3) for *_, difference in found[seconds])
assert earlier and max(earlier) < 1
PY
