"""The page of `serve`: a photo comes in, its scene graph, captions, trees and attention go out. Keeps nothing."""
