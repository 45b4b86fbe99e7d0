"""Visual scene graphs: backends that turn a picture into one, class names rendered in the pivot language."""
