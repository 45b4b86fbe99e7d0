"""Training of the picture generator on captioned pictures: pixels, feature maps, boxes, and the width of appearances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from cross2stra.configuration import Pictures as Settings
from cross2stra.data.files import replacing_folder, write_json
from cross2stra.structures.generation.pictures.batches import Labels, batched
from cross2stra.structures.generation.pictures.network import PictureGenerator, Shape
from cross2stra.structures.generation.pictures.scores import scores
from cross2stra.structures.graph import EMPTY_LABEL, SceneGraph
from cross2stra.structures.optimisation import fit
from cross2stra.structures.visual.operators import overlap, roi_align
from cross2stra.structures.visual.regions import MEAN, SPREAD, RegionFeatures, opened

CROP = 16
"""Pixels across an object as the loss compares it, so that small objects count as much as large ones."""
FORGET, NARROW = 0.03, 0.002
"""Share of labels that are hidden; weight of the divergence of appearances from the normal distribution."""


@dataclass(frozen=True)
class Material:
    """Visual scene graphs with boxes, and the files of their pictures."""

    graphs: Sequence[SceneGraph]
    files: Sequence[Path]

    def with_objects(self) -> Material:
        """What is left without the graphs that stand for a picture in which nothing is seen."""
        kept = [number for number, graph in enumerate(self.graphs) if graph.node_labels != (EMPTY_LABEL,)]
        return Material([self.graphs[number] for number in kept], [self.files[number] for number in kept])


class FeatureMaps:
    """Feature maps of pictures (B, 3, S, S) in [0, 1] from the frozen network that also describes regions."""

    def __init__(self, size: int) -> None:
        self.backbone = RegionFeatures(size)

    def of(self, pictures: Tensor) -> list[Tensor]:
        """A map of each stride, (B, C, S / stride, S / stride), divided by its usual size."""
        maps = self.backbone.maps((pictures * 255 - MEAN) / SPREAD)
        return [own / own.detach().abs().mean() for own in maps]

    def distance(self, made: Tensor, real: Tensor) -> Tensor:
        """Mean absolute difference of the maps (Johnson et al. 2016, section 3.2), ()."""
        with torch.no_grad():
            wanted = self.of(real)
        pairs = zip(self.of(made), wanted, strict=True)
        return torch.stack([functional.l1_loss(own, other) for own, other in pairs]).mean()


def read_pictures(files: Sequence[Path], size: int) -> Tensor:
    """Files -> (n, 3, size, size) uint8. Raises ValueError naming a file that is no picture."""
    table = np.zeros((len(files), size, size, 3), dtype=np.uint8)
    for start, pictures in opened(files, 64, "pictures"):
        for row, picture in enumerate(pictures, start):
            table[row] = np.asarray(picture.resize((size, size), Image.Resampling.BOX))
    return torch.from_numpy(table).permute(0, 3, 1, 2).contiguous()


def fit_pictures(
    graphs: Sequence[SceneGraph], pictures: Tensor, settings: Settings, seed: int, maps: FeatureMaps | None
) -> PictureGenerator:
    """Train on graphs with boxes and their pictures (n, 3, S, S) uint8. `maps`: None leaves the perceptual loss out."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 17])
    shape = Shape(settings.width, settings.channels, settings.size, list(Labels.of(graphs).known))
    model = PictureGenerator(shape)

    def loss_of_update() -> Tensor:
        some = rng.integers(len(graphs), size=settings.batch)
        return loss(
            model, [graphs[i] for i in some], pictures[some].float() / 255, settings, maps, int(rng.integers(2**31))
        )

    fit(model, settings.updates, settings.learning_rate, loss_of_update, "pictures")
    return model


def loss(
    model: PictureGenerator,
    graphs: Sequence[SceneGraph],
    pictures: Tensor,
    settings: Settings,
    maps: FeatureMaps | None,
    seed: int,
) -> Tensor:
    """Loss of a batch, (): pixels, feature maps, boxes and overlap, divergence. pictures (B, 3, S, S) in [0, 1]."""
    batch = batched(graphs, model.labels, FORGET, seed)
    h = model.encode(batch)  # (O, D)
    mean, log_variance = model.read_appearance(pictures, batch, h)
    appearance = mean + torch.randn_like(mean) * (log_variance / 2).exp()
    made = model.decode(h, appearance, batch.boxes, batch)
    divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum(-1).mean() / 2
    drawn, wanted = (roi_align(x, batch.boxes, batch.owners, CROP, samples=1) for x in (made, pictures))
    total = functional.l1_loss(made, pictures) + functional.l1_loss(drawn, wanted) + NARROW * divergence
    if maps is not None and settings.perceptual:
        total = total + settings.perceptual * maps.distance(made, pictures)
    known = batch.placed & ~batch.whole
    if bool(known.any()):
        guessed, wanted = model.boxes(h[known]), batch.boxes[known]
        missed = 1 - overlap(guessed, wanted).diagonal().mean()
        total = total + functional.smooth_l1_loss(guessed, wanted, beta=0.1) + 0.2 * missed
    return total


def train(settings: Settings, trained: Material, held_out: Material, output: Path, seed: int) -> None:
    """Train on captioned pictures and write the generator, with its scores on `held_out`, to the folder `output`.

    Pictures whose graph has no object are passed over. Raises ValueError where too few are left of either part.
    """
    trained, held_out = trained.with_objects(), held_out.with_objects()
    for name, own in (("train", trained), ("pivot_validation", held_out)):
        if len(own.graphs) < 2:
            raise ValueError(f"the picture generator needs two pictures or more of split {name}; raise world.*_images")
    pictures, real = (read_pictures(own.files, settings.size) for own in (trained, held_out))
    maps = FeatureMaps(settings.size) if settings.perceptual else None
    model = fit_pictures(trained.graphs, pictures, settings, seed, maps)
    with replacing_folder(output, "scores.json") as temporary:
        model.save(temporary)
        found = scores(model, held_out.graphs, real, trained.graphs, pictures)
        write_json(temporary / "scores.json", {name: round(value, 4) for name, value in found.items()})
