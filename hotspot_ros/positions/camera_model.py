"""From CameraInfo to the ray of a pixel: calibration, distortion, binning and region of interest (REP 104)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from hotspot_core.errors import InputError

# Numbers of coefficients that the distortion models of sensor_msgs can have; OpenCV knows all of them.
_COEFFICIENTS = {"plumb_bob": (4, 5), "rational_polynomial": (8, 12, 14), "equidistant": (4,), "fisheye": (4,)}
_FISHEYE = ("equidistant", "fisheye")
# The inversion of the distortion ends here; a ray that does not lead back to its pixel by then has none.
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-6)
_LARGEST_ERROR = 0.5


@dataclass(frozen=True)
class CameraModel:
    """A calibrated camera, as `camera_model` reads it.

    Attributes:
        matrix: the 9 numbers of the 3 x 3 camera matrix, row by row, in pixels of the full resolution.
        distortion: OpenCV's coefficients; empty where there is none.
        fisheye: whether the coefficients are those of the equidistant model.
        binning: pixels of the full resolution per pixel of the image, in x and y.
        offset: the image's top-left pixel in the full resolution, x and y.
    """

    matrix: tuple[float, ...]
    distortion: tuple[float, ...]
    fisheye: bool
    binning: tuple[int, int]
    offset: tuple[int, int]

    def rays(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the camera sees each pixel of the image.

        Args:
            pixels: (N, 2) x and y; (0, 0) is the centre of the top-left pixel.

        Returns:
            (N, 3) points at depth 1 in the camera's optical frame (REP 103: z forward, x right, y down); a depth
            times its ray is a position. NaN where the distortion model has no ray for a pixel.
        """
        matrix = np.array(self.matrix).reshape(3, 3)
        full = np.asarray(pixels, np.float64) * self.binning + self.offset
        if not self.distortion or not len(full):
            homogeneous = np.column_stack([full, np.ones(len(full))])
            with np.errstate(over="ignore", invalid="ignore"):  # Of absurd calibrations.
                return np.asarray(homogeneous @ np.linalg.inv(matrix).T)
        points, coefficients = full[:, None], np.array(self.distortion)
        if self.fisheye:
            plane = cv2.fisheye.undistortPoints(points, matrix, coefficients)
        else:
            plane = cv2.undistortPointsIter(points, matrix, coefficients, np.eye(3), np.eye(3), _CRITERIA)
        rays = np.column_stack([plane[:, 0], np.ones(len(full))])
        rays[~self._leads_back(rays, full, matrix, coefficients)] = np.nan
        return rays

    def pixels(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image shows positions: what `rays` inverts.

        Args:
            positions: (N, 3) in the camera's optical frame.

        Returns:
            (N, 2) x and y, also outside of the image; NaN for what is not before the camera.
        """
        matrix, coefficients = np.array(self.matrix).reshape(3, 3), np.array(self.distortion)
        is_before = positions[:, 2] > 0
        points = np.where(is_before[:, None], positions, (0.0, 0.0, 1.0))
        if not self.distortion or not len(points):
            full = (points / points[:, 2:] @ matrix.T)[:, :2]
        else:
            project = cv2.fisheye.projectPoints if self.fisheye else cv2.projectPoints
            full = project(points[:, None], np.zeros(3), np.zeros(3), matrix, coefficients)[0][:, 0]
        return np.where(is_before[:, None], (full - self.offset) / self.binning, np.nan)

    def _leads_back(
        self,
        rays: NDArray[np.float64],
        full: NDArray[np.float64],
        matrix: NDArray[np.float64],
        coefficients: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """(N,) whether a ray is seen at its pixel: beyond the calibrated angles the inversion finds nonsense."""
        project = cv2.fisheye.projectPoints if self.fisheye else cv2.projectPoints
        seen = project(rays[:, None], np.zeros(3), np.zeros(3), matrix, coefficients)[0][:, 0]
        return np.asarray(np.abs(seen - full).max(axis=1) < _LARGEST_ERROR)


def camera_model(info: CameraInfo, image_hw: tuple[int, int], rectified: bool = False) -> CameraModel | None:
    """The camera that took an image.

    A raw image is described by K and D, a rectified one by P; both in the full resolution, of which the image can be
    a part (`roi`) with pixels joined (`binning`), pixel x lying at x * binning_x + roi.x_offset (REP 104 and
    image_geometry). The fourth column of P, a baseline, is left out: positions are in the frame of this camera.

    Args:
        info: of the same stream as the image.
        image_hw: (height, width) of the image.
        rectified: whether the image is rectified (topics image_rect*).

    Returns:
        None where the camera is not calibrated: K[0] (for rectified images P[0]) is 0.

    Raises:
        InputError: an unknown distortion model, coefficients or a matrix that mean nothing, or an image of another
            size than the camera's.
    """
    numbers = np.array(info.p, np.float64).reshape(3, 4)[:, :3] if rectified else np.array(info.k).reshape(3, 3)
    name = "P" if rectified else "K"
    if numbers[0, 0] == 0:
        return None
    is_upper = not numbers[np.tril_indices(3, -1)].any()
    if not (np.isfinite(numbers).all() and is_upper and min(numbers[0, 0], numbers[1, 1]) > 0 and numbers[2, 2] == 1):
        raise InputError(f"camera_info: {name} {numbers.ravel().tolist()} is no camera matrix: calibrate the camera")
    binning = info.binning_x or 1, info.binning_y or 1
    _check_size(info, image_hw, binning)
    distortion = () if rectified else _distortion(info)
    return CameraModel(
        matrix=tuple(numbers.ravel().tolist()),
        distortion=distortion,
        fisheye=bool(distortion) and info.distortion_model in _FISHEYE,
        binning=binning,
        offset=(info.roi.x_offset, info.roi.y_offset),
    )


def _distortion(info: CameraInfo) -> tuple[float, ...]:
    model, coefficients = info.distortion_model, _fitted(info)
    # Without distortion the name does not matter; an equidistant lens bends rays even with zeros.
    if not any(coefficients) and (model not in _FISHEYE or not coefficients):
        return ()
    if model not in _COEFFICIENTS:
        known = ", ".join(_COEFFICIENTS)
        raise InputError(f"camera_info: distortion model {model!r} is not known: use one of {known}, or rectify")
    if len(coefficients) not in _COEFFICIENTS[model] or not np.isfinite(coefficients).all():
        raise InputError(f"camera_info: D {list(coefficients)} does not fit {model}: calibrate the camera")
    return coefficients


def _fitted(info: CameraInfo) -> tuple[float, ...]:
    """The coefficients without zeros at the end that the model has no place for: they mean nothing."""
    coefficients = tuple(float(d) for d in info.d)
    allowed = _COEFFICIENTS.get(info.distortion_model, ())
    needed = max((number for number, d in enumerate(coefficients, start=1) if d != 0), default=0)
    lengths = [number for number in allowed if needed <= number <= len(coefficients)]
    return coefficients if len(coefficients) in allowed or not lengths else coefficients[: max(lengths)]


def _check_size(info: CameraInfo, image_hw: tuple[int, int], binning: tuple[int, int]) -> None:
    full = info.roi.width or info.width, info.roi.height or info.height
    for side, whole, pixels_joined in zip(image_hw[::-1], full, binning, strict=True):
        # Drivers that fill in no size are believed; a last pixel that is not whole may be there or not.
        if whole and abs(side * pixels_joined - whole) >= pixels_joined:
            raise InputError(
                f"camera_info is for images of {full[0] // binning[0]} x {full[1] // binning[1]} pixels, "
                f"the image has {image_hw[1]} x {image_hw[0]}: remap camera_info to that of the image"
            )
