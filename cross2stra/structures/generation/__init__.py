"""Scene generation: from the scene graph of a sentence to the visual scene graph of a picture of it (Eq. 10)."""
