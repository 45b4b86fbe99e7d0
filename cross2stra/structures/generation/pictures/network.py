"""The picture generator: scene graph -> object vectors -> layout -> RGB picture (after Johnson et al. 2018).

Objects have an appearance besides their labels: a vector that training reads from the picture and that use draws from a
normal distribution by seed (Zhao et al. 2019), so that light and left or right need not be averaged into a blur.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image as Pillow
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import ResGatedGraphConv

from cross2stra.data.files import read_json
from cross2stra.structures.generation.pictures.batches import EDGE_TYPES, GraphBatch, Labels, batched
from cross2stra.structures.generation.pictures.decoder import RefinementDecoder
from cross2stra.structures.generation.pictures.layout import BoxRegressor, PatchMaker, scatter
from cross2stra.structures.graph import SceneGraph
from cross2stra.structures.visual.operators import roi_align

LAYERS, APPEARANCE, PATCH_CHANNELS, _CROP, _BATCH = 3, 8, 16, 16, 32


@dataclass(frozen=True)
class Shape:
    """Sizes and labels of a picture generator: `width` of object vectors, `channels` of the finest step, `size` in pixels."""

    width: int
    channels: int
    size: int
    labels: list[str]


class AppearanceReader(nn.Module):
    """Regions of a picture -> mean and log variance of each object's appearance (Zhao et al. 2019, section 3.2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.second = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.last = nn.Linear(32 * (_CROP // 4) ** 2 + width, 2 * APPEARANCE)

    def forward(self, crops: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """crops (O, 3, _CROP, _CROP), h (O, D) -> (O, APPEARANCE) twice."""
        x = functional.leaky_relu(self.first(crops), 0.2)
        x = functional.leaky_relu(self.second(x), 0.2).flatten(1)  # (O, 32 * 16)
        mean, log_variance = self.last(torch.cat([x, h], 1)).chunk(2, -1)
        return mean, log_variance.clamp(-8, 4)


class PictureGenerator(nn.Module):
    """Graph convolution with gates (Bresson and Laurent 2017), boxes, patches, layout, refinement."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.labels = shape, Labels(shape.labels)
        width = shape.width
        self.label = nn.Embedding(len(self.labels), width)
        self.edge = nn.Embedding(EDGE_TYPES, width)
        self.convolutions = nn.ModuleList(ResGatedGraphConv(width, width, edge_dim=width) for _ in range(LAYERS))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(LAYERS))
        self.boxes = BoxRegressor(width)
        self.appearance = AppearanceReader(width)
        self.vector = nn.Linear(width + APPEARANCE, shape.channels)
        self.patch = PatchMaker(width + APPEARANCE, PATCH_CHANNELS)
        self.decoder = RefinementDecoder(shape.channels + PATCH_CHANNELS, shape.channels, shape.size)

    def encode(self, batch: GraphBatch) -> Tensor:
        """Vectors of the drawn nodes, (O, D)."""
        h = self.label(batch.labels)  # (N, D)
        edges = self.edge(batch.edge_types)  # (E, D)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            h = norm(h + torch.relu(convolution(h, batch.edges, edges)))
        return h[batch.drawn]

    def read_appearance(self, pictures: Tensor, batch: GraphBatch, h: Tensor) -> tuple[Tensor, Tensor]:
        """pictures (B, 3, S, S) in [0, 1], vectors (O, D) -> mean and log variance, (O, APPEARANCE) each."""
        return self.appearance(roi_align(pictures, batch.boxes, batch.owners, _CROP, samples=1), h)

    def decode(self, h: Tensor, appearance: Tensor, boxes: Tensor, batch: GraphBatch) -> Tensor:
        """h (O, D), appearance (O, APPEARANCE), boxes (O, 4) -> pictures (B, 3, S, S) in [0, 1]."""
        own = torch.cat([h, appearance], -1)
        vectors, patches = self.vector(own), self.patch(own)
        return self.decoder(scatter(vectors, patches, boxes, batch.owners, batch.pictures, self.shape.size))

    @torch.no_grad()
    def draw(
        self, graphs: Sequence[SceneGraph], seeds: Sequence[int], own_boxes: bool = False
    ) -> Iterator[Pillow.Image]:
        """A picture of each graph, S x S pixels; the same for the same graphs and seeds.

        Objects go where their boxes are; those without one, and all with `own_boxes`, where the regressor puts them.
        """
        self.eval()
        for start in range(0, len(graphs), _BATCH):
            batch = batched(graphs[start : start + _BATCH], self.labels)
            h = self.encode(batch)
            given = batch.whole if own_boxes else batch.placed
            boxes = torch.where(given[:, None], batch.boxes, self.boxes(h))
            counts = torch.bincount(batch.owners, minlength=batch.pictures).tolist()
            appearance = torch.cat([_drawn(n, s) for n, s in zip(counts, seeds[start : start + _BATCH], strict=True)])
            pixels = (self.decode(h, appearance, boxes, batch) * 255).round().byte()
            yield from map(Pillow.fromarray, pixels.permute(0, 2, 3, 1).numpy())

    def save(self, folder: Path) -> None:
        """Write weights and shape into a folder that exists."""
        save_file({k: v.contiguous() for k, v in self.state_dict().items()}, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(asdict(self.shape), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> PictureGenerator:
        """Read what `save` wrote."""
        model = cls(Shape(**read_json(folder / "config.json")))
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return model.eval()


def _drawn(count: int, seed: int) -> Tensor:
    """Appearances of a picture's objects by its seed, (count, APPEARANCE)."""
    return torch.randn(count, APPEARANCE, generator=torch.Generator().manual_seed(seed))
