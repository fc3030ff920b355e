"""Between sensor_msgs images and NumPy arrays; decoding is `hotspot_core.media.image_messages`'s."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from hotspot_core.media.image_messages import ENCODINGS as ENCODINGS
from hotspot_core.media.image_messages import decode_compressed_image as decode_compressed_image
from hotspot_core.media.image_messages import decode_image as decode_image
from hotspot_core.media.image_messages import jpeg_reduction as jpeg_reduction
from hotspot_core.media.image_messages import pixel_view as pixel_view
from hotspot_core.media.writers import encode_picture

# Of JPEGs, as image_transport has it.
TRANSPORT_QUALITY = 95


def encode_image(pixels: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32], header: Header) -> Image:
    """An Image message: (H, W, 3) uint8 becomes rgb8, (H, W) uint8 mono8, uint16 16UC1, float32 32FC1."""
    names = {("uint8", 3): "rgb8", ("uint8", 2): "mono8", ("uint16", 2): "16UC1", ("float32", 2): "32FC1"}
    encoding = names[pixels.dtype.name, pixels.ndim]
    contiguous = np.ascontiguousarray(pixels)
    message = Image(header=header, encoding=encoding, height=pixels.shape[0], width=pixels.shape[1])
    message.step = contiguous.strides[0]
    # The one fast way into a message: array(buffer), a list, a NumPy array or bytes take hundreds of times as long.
    message.data.frombytes(contiguous.data.cast("B"))
    return message


def encode_jpeg(pixels: NDArray[np.uint8], header: Header) -> CompressedImage:
    """A JPEG of (H, W, 3) RGB with the format that image_transport gives it."""
    message = CompressedImage(header=header, format="rgb8; jpeg compressed bgr8")
    message.data.frombytes(encode_picture(pixels, ".jpg", TRANSPORT_QUALITY))
    return message


def decode_heatmap(message: Image) -> NDArray[np.float32]:
    """A 32FC1 heatmap as (h, w) float32."""
    return np.frombuffer(message.data, np.float32).reshape(message.height, message.width)
