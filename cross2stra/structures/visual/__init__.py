"""Visual scene graphs (VSG): annotations, annotated boxes with a relation model, or a detector; region features."""
