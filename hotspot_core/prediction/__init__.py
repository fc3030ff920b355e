"""What `python -m hotspot_core.predict` reads and writes."""
