"""Pictures of scene graphs: learned graph convolution, layout and cascaded refinement, or a published generator."""
