"""Pictures of scene graphs by GLIGEN: latent diffusion, grounded in boxes with phrases (Li et al. 2023).

Its text encoder reads English: labels have to be English names. A pivot that is not English needs a checkpoint with
another text encoder. Weights come from a local folder, as diffusers keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow

from cross2stra.structures.generation.pictures.batches import relative_boxes
from cross2stra.structures.graph import NodeKind, SceneGraph

MOST_BOXES = 30
"""Boxes that GLIGEN was trained to read (section 4 of Li et al.); the largest objects are given."""
_GROUNDED = 0.3
"""Share of the steps that read the boxes: scheduled sampling as Li et al. recommend it."""


class Gligen:
    """A `StableDiffusionGLIGENPipeline` that draws scene graphs."""

    def __init__(self, pipeline: Any, steps: int = 50) -> None:
        self.pipeline, self.steps = pipeline, steps

    @classmethod
    def load(cls, folder: Path, steps: int = 50) -> Gligen:
        """Read a text-box checkpoint; onto a GPU, in half precision, where there is one.

        Raises ValueError where diffusers is not installed or the folder holds no pipeline.
        """
        try:
            from diffusers import StableDiffusionGLIGENPipeline
        except ImportError as error:
            raise ValueError(
                f"GLIGEN needs diffusers ({error}); its environment is workflow/envs/generation.yaml"
            ) from error
        if not (folder / "model_index.json").is_file():
            raise ValueError(
                f"generator.folder: expected a GLIGEN text-box checkpoint in diffusers' layout in {folder}, found no "
                "model_index.json; put its folder there, weights as safetensors"
            )
        seen = torch.cuda.is_available()
        pipeline = StableDiffusionGLIGENPipeline.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            safety_checker=None,
            requires_safety_checker=False,
            torch_dtype=torch.float16 if seen else torch.float32,
        )
        pipeline.set_progress_bar_config(disable=True)
        return cls(pipeline.to("cuda" if seen else "cpu"), steps)

    def draw(self, graphs: Sequence[SceneGraph], seeds: Sequence[int]) -> Iterator[Pillow.Image]:
        """A picture of each graph, of the checkpoint's own size; the same for the same graphs and seeds."""
        for graph, seed in zip(graphs, seeds, strict=True):
            phrases, boxes = grounding(graph)
            yield self.pipeline(
                prompt(graph),
                num_inference_steps=self.steps,
                gligen_phrases=phrases,
                gligen_boxes=boxes,
                gligen_scheduled_sampling_beta=_GROUNDED,
                generator=torch.Generator().manual_seed(seed),
            ).images[0]


def phrase_of(graph: SceneGraph, node: int) -> str:
    """An object's name after its attributes: "big red car"."""
    return " ".join([*graph.attributes().get(node, []), graph.node_labels[node]])


def prompt(graph: SceneGraph) -> str:
    """What is in the picture, then how it is related: "red car, man; man next to car"."""
    objects = ", ".join(phrase_of(graph, node) for node in _objects(graph))
    return "; ".join([objects, *(" ".join(triplet) for triplet in graph.triplets())])


def grounding(graph: SceneGraph) -> tuple[list[str], list[list[float]]]:
    """Phrases and boxes, xyxy relative to the picture, of the largest objects, at most MOST_BOXES.

    Boxes without area are left out. A graph without a box is grounded as a whole: its prompt, and the whole picture.
    """
    relative = relative_boxes(graph)
    found = [(phrase_of(graph, node), relative[node].tolist()) for node in _objects(graph)]
    found = [(phrase, box) for phrase, box in found if _area(box) > 0]
    largest = sorted(found, key=lambda pair: -_area(pair[1]))[:MOST_BOXES] or [(prompt(graph), [0.0, 0.0, 1.0, 1.0])]
    return [phrase for phrase, _ in largest], [box for _, box in largest]


def _objects(graph: SceneGraph) -> list[int]:
    return np.flatnonzero(graph.node_kinds == NodeKind.OBJECT).tolist()


def _area(box: Sequence[float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
