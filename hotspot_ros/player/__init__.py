"""What plays pictures and recordings as a camera."""
