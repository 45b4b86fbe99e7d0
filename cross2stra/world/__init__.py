"""The picture world: scenes, pictures, two grammars, parallel text, all by seed, with their gold structures."""

from cross2stra.world.writers import write_world

__all__ = ["write_world"]
