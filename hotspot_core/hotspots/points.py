"""From heatmaps to interaction points in the pixels of the image."""

from __future__ import annotations

from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.places import point_probability, value_at
from hotspot_core.hotspots.prediction import InteractionPoint, Prediction


def find_points(prediction: Prediction, points_per_action: int, peak_threshold: float) -> list[InteractionPoint]:
    """The peaks of each action's heatmap, actions in order, strongest first within one; all lie in the image.

    Args:
        prediction: whose own points do not matter.
        points_per_action: largest number of points per action.
        peak_threshold: smallest value of a point, relative to the strongest of its action, in [0, 1].
    """
    (height, width), region, places = prediction.image_size, prediction.region, prediction.places
    points = []
    rows = zip(prediction.actions, prediction.heatmaps, prediction.scores.tolist(), strict=True)
    for index, (name, heatmap, score) in enumerate(rows):
        for peak in find_peaks(heatmap, points_per_action, peak_threshold):
            x, y = region.to_pixels(peak.column, peak.row, heatmap.shape)
            inside = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
            place = None if places is None else value_at(places[index], peak)
            probability = point_probability(prediction.calibration, place, peak.value, score)
            points.append(InteractionPoint(name, *inside, peak.value, probability))
    return points
