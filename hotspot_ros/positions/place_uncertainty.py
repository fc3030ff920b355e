"""How sure the places of points are, in metres."""

from __future__ import annotations

import numpy as np

from hotspot_ros.positions.camera_model import CameraModel
from hotspot_ros.positions.contacts import Contacts
from hotspot_ros.positions.surface_rays import Floats, inverse_2x2, local_view

# Standard deviation of depths where it cannot be measured, as a fraction.
_UNKNOWN_NOISE = 0.005


def place_covariances(
    camera: CameraModel, pixels: Floats, depths: Floats, contact: Contacts, spreads: Floats
) -> Floats:
    """How sure the places of points are: by the noise of the depth, and by how far the heat spreads over the part.

    Args:
        pixels, depths: (N, 2) x and y in the color image, and (N,) metres.
        spreads: (N, 2, 2) covariances of the pixels.

    Returns:
        (N, 3, 3) covariances in the camera's optical frame, in square metres: along the axes of the contact, on the
        part alone; without one, along and across the line of sight.
    """
    count = len(pixels)
    view = local_view(camera, pixels, np.ones(2), depths)
    axes = np.where(contact.found[:, None, None], contact.axes, np.eye(3))
    noise = np.where(contact.found, contact.noise, _UNKNOWN_NOISE * depths)
    variances = np.empty((count, 3))
    if not count:
        return np.zeros((0, 3, 3))
    usable = np.isfinite(view.gradient).all(axis=(1, 2)) & np.isfinite(depths)
    gradient = np.where(usable[:, None, None], view.gradient, np.eye(2))
    precision = np.linalg.inv(spreads)
    for number, axis in enumerate(np.moveaxis(axes, 2, 0)):
        # Pixels per metre along the axis; of the spread what lies along it.
        step = (axis[:, :2] - view.rays * axis[:, 2:]) / depths[:, None]
        moved = (inverse_2x2(gradient) @ step[..., None])[..., 0]
        variances[:, number] = 1 / np.maximum(np.einsum("ni,nij,nj->n", moved, precision, moved), 1e-12)
    across = contact.found[:, None] & np.isfinite(contact.widths)[:, None]
    limits = np.stack([contact.widths, contact.lengths], axis=1) ** 2 / 12
    on_part = np.where(across, np.minimum(variances[:, 1:], limits), variances[:, 1:])
    variances = np.where(
        contact.found[:, None],
        np.concatenate([noise[:, None] ** 2, on_part], axis=1),
        np.stack([variances[:, 0], variances[:, 1], noise**2], axis=1),
    )
    return np.asarray(np.einsum("nij,nj,nkj->nik", axes, variances, axes))
