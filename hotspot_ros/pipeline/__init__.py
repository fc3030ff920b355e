"""A message's way: buffer, frame processor, model thread, results."""
