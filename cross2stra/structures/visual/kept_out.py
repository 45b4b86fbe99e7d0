"""Which annotated pictures a model of relations may learn from: none that is tested or captioned, counted by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from cross2stra.data.exclusion import exclude, held_out_of_structures, visual_genome_pictures
from cross2stra.structures.visual.annotations import Annotation, vrd, vrd_unlabelled


class KeptOut:
    """`raw`: the folder of raw files. VRD's test pictures, with relations or without, are known by VG150's names too."""

    def __init__(self, raw: Path) -> None:
        self.held_out, self.names = held_out_of_structures(raw), visual_genome_pictures(raw)
        self.tested = {key for picture in (*vrd(raw, "test"), *vrd_unlabelled(raw)) for key in self._keys(picture)}

    def usable(
        self, pictures: Iterable[Annotation], source: str, excluded: Counter[tuple[str, str]]
    ) -> Iterator[Annotation]:
        """The pictures that may be learnt from; `excluded` gets (rule, source) of the others."""
        for picture in exclude(pictures, self.held_out, excluded, lambda _: source, self._keys, lambda _: ()):
            if self.tested.isdisjoint(self._keys(picture)):
                yield picture
            else:
                excluded["picture of VRD test", source] += 1

    def _keys(self, picture: Annotation) -> list[str]:
        """Names that other corpora have for it: of a Visual Genome number (VG150) those of its table, never itself, as a
        picture of COCO may have the same number; of VRD's file name, the Flickr number it begins with."""
        if picture.key.isdigit():
            return self.names.get(picture.key, [])
        return [picture.key, f"flickr:{picture.key.split('_')[0]}"]
