"""Tables, figures and the page: what a reader sees, made from scores, captions, logs and counts alone."""
