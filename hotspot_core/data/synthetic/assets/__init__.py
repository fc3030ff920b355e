"""What stands in the world: parts, objects with what they afford, hands and surroundings."""
