"""A scene of objects in a place, seen by a camera, and what actions change in it."""
