"""Marking points on photos in a browser: the annotation file that grows click by click, its server and its page."""
