"""Detector backend of detectron2: a Faster R-CNN (Ren et al. 2015) of its own model classes, from a local folder.

The folder holds
- `config.yaml`: the model's configuration, what detectron2's defaults leave open;
- `model.safetensors`, or `model.pth` (read without unpickling objects);
- `classes.txt`, and `attributes.txt` where the model has an attribute head: a label a line, in order of number;
- `names.json`: {label: {language: name}}, what classes, attributes and predicates are called in the pivot language.

The attribute head is that of the bottom-up detector (Anderson et al. 2018) as its detectron2 ports keep it: tensors
`cls_embedding`, `fc_attr`, `attr_score` of the box predictor. It is read here, so that the port is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from cross2stra.data.files import read_json, replacing_folder, write_json
from cross2stra.structures.visual.detector import Detections
from cross2stra.structures.visual.looking import Opinion, seen
from cross2stra.structures.visual.motifs_data import Seen, union_boxes

POINTER = "detectron2.json"
"""The file that a saved extractor keeps of this detector: where its folder is."""
_PREDICTOR = "roi_heads.box_predictor."
_HEAD = ("cls_embedding", "fc_attr", "attr_score")


class AttributeHead(nn.Module):
    """Region features with the embedding of the most probable class -> a distribution over attributes."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights["cls_embedding.weight"])
        self.hidden, self.score = (_linear(weights, name) for name in ("fc_attr", "attr_score"))

    def forward(self, features: Tensor, scores: Tensor) -> Tensor:
        """Features (R, F), class logits (R, C + 1) -> (R, A); the last logit is of no attribute and is left out."""
        named = torch.cat([features, self.embedding(scores.argmax(-1))], -1)
        return self.score(functional.relu(self.hidden(named))).softmax(-1)[:, :-1]


def _linear(weights: Mapping[str, Tensor], name: str) -> nn.Linear:
    written, read = weights[f"{name}.weight"].shape
    layer = nn.Linear(read, written)
    layer.load_state_dict({part: weights[f"{name}.{part}"] for part in ("weight", "bias")})
    return layer


@dataclass(frozen=True)
class Detectron2Detector:
    """A `GeneralizedRCNN` of detectron2 with the names of its classes and attributes, and where it was read from."""

    model: Any
    config: Any
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    head: AttributeHead | None
    folder: Path

    @classmethod
    def load(cls, folder: Path) -> Detectron2Detector:
        """Read a model's folder, or one that `save` wrote. On a GPU where the configuration and the machine have one.

        Raises ValueError where detectron2 is not installed, or a file is missing or does not fit.
        """
        if (folder / POINTER).is_file():
            folder = Path(read_json(folder / POINTER)["folder"])
        config = _config(folder / "config.yaml")
        from detectron2.modeling import build_model

        model = build_model(config).eval()
        classes, attributes = _lines(folder / "classes.txt"), _lines(folder / "attributes.txt", needed=False)
        if len(classes) != config.MODEL.ROI_HEADS.NUM_CLASSES:
            wanted = config.MODEL.ROI_HEADS.NUM_CLASSES
            raise ValueError(
                f"{folder / 'classes.txt'}: {len(classes)} classes, but config.yaml has NUM_CLASSES {wanted}"
            )
        weights = _weights(folder)
        head = _head(weights, attributes, folder)
        missing, unexpected = model.load_state_dict(weights, strict=False)
        if missing or unexpected:
            raise ValueError(
                f"{folder}: the weights are not of the model that config.yaml describes "
                f"(missing {missing[:3]}, unexpected {unexpected[:3]}); get both from one release"
            )
        return cls(model, config, classes, attributes, head and head.to(model.device), folder.resolve())

    @property
    def feature_size(self) -> int:
        return self.model.roi_heads.box_predictor.cls_score.in_features

    def look(self, pictures: Sequence[Image.Image]) -> _Look:
        """Each picture's feature maps, by itself and at the size of `INPUT.MIN_SIZE_TEST`, `MAX_SIZE_TEST`."""
        return _Look(self, [_Sight.of(self, picture) for picture in pictures])

    def save(self, folder: Path) -> None:
        """Write where the model is, not the model: it is large, and nothing here has changed it."""
        with replacing_folder(folder, POINTER) as temporary:
            write_json(temporary / POINTER, {"folder": str(self.folder)})


@dataclass(frozen=True)
class _Sight:
    """A picture as the backbone has seen it: `images` (an ImageList of one), `maps` by name, size in the maps' pixels."""

    images: Any
    maps: dict[str, Tensor]
    height: int
    width: int

    @classmethod
    @torch.no_grad()
    def of(cls, detector: Detectron2Detector, picture: Image.Image) -> _Sight:
        test = detector.config.INPUT
        scale = min(test.MIN_SIZE_TEST / min(picture.size), test.MAX_SIZE_TEST / max(picture.size))
        width, height = (max(1, round(side * scale)) for side in picture.size)
        pixels = np.asarray(picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
        if test.FORMAT == "BGR":
            pixels = pixels[:, :, ::-1]
        tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
        images = detector.model.preprocess_image([{"image": tensor, "height": height, "width": width}])
        return cls(images, detector.model.backbone(images.tensor), height, width)

    @property
    def extent(self) -> Tensor:
        return torch.tensor([self.width, self.height, self.width, self.height], dtype=torch.float32)


@dataclass(frozen=True)
class _Look:
    """See `looking.Look`."""

    detector: Detectron2Detector
    sights: list[_Sight]

    @torch.no_grad()
    def detect(self, threshold: float) -> list[Detections]:
        model, found = self.detector.model, []
        for sight in self.sights:
            proposals, _ = model.proposal_generator(sight.images, sight.maps, None)
            (instances,), _ = model.roi_heads(sight.images, sight.maps, proposals, None)
            instances = instances[instances.scores > threshold]
            boxes = instances.pred_boxes.tensor.cpu() / sight.extent
            (labels, attributes), _ = self._opinion(sight, boxes)
            found.append(Detections(boxes, instances.pred_classes.cpu(), instances.scores.cpu(), labels, attributes))
        return found

    @torch.no_grad()
    def describe(self, boxes: Sequence[Tensor], opinions: Sequence[Opinion] | None = None) -> Iterator[Seen]:
        for number, (sight, own) in enumerate(zip(self.sights, boxes, strict=True)):
            own_opinion, regions = self._opinion(sight, own)
            unions = self._features(sight, torch.from_numpy(union_boxes(own.numpy())))
            features = torch.cat([regions, unions]).cpu().numpy()
            yield seen(own, own_opinion if opinions is None else opinions[number], features)

    def _opinion(self, sight: _Sight, boxes: Tensor) -> tuple[Opinion, Tensor]:
        """What is probable of relative boxes (N, 4), and their features (N, F)."""
        features = self._features(sight, boxes)
        scores = self.detector.model.roi_heads.box_predictor(features)[0]
        head = self.detector.head
        attributes = features[:, :0] if head is None else head(features, scores)
        return (scores.softmax(-1)[:, :-1].cpu(), attributes.cpu()), features

    def _features(self, sight: _Sight, boxes: Tensor) -> Tensor:
        """What the box predictor reads of relative boxes: (N, 4) -> (N, F)."""
        from detectron2.structures import Boxes

        heads = self.detector.model.roi_heads
        pixels = [Boxes((boxes * sight.extent).to(sight.images.tensor.device))]
        maps = [sight.maps[name] for name in heads.in_features]
        if hasattr(heads, "res5"):  # Res5ROIHeads: the last block of the backbone, averaged over the region
            return heads.res5(heads.pooler(maps, pixels)).mean(dim=[2, 3])
        return heads.box_head(heads.box_pooler(maps, pixels))


def _config(path: Path) -> Any:
    try:
        from detectron2.config import get_cfg
    except ImportError as error:
        raise ValueError(
            f"extractor.detector `detectron2` needs detectron2 ({error}); workflow/envs/detectron2.yaml says how to install it"
        ) from error
    if not path.is_file():
        raise ValueError(
            f"structures.extractor.folder: expected the folder of a detectron2 model, found no {path}; put its "
            "config.yaml, model.safetensors (or model.pth), classes.txt, attributes.txt and names.json there"
        )
    config = get_cfg()
    try:
        config.merge_from_file(str(path))
    except (KeyError, AssertionError, ValueError) as error:
        raise ValueError(f"{path}: not a configuration of detectron2's own models ({error})") from error
    config.MODEL.WEIGHTS = ""
    if not torch.cuda.is_available():
        config.MODEL.DEVICE = "cpu"
    return config


def _weights(folder: Path) -> dict[str, Tensor]:
    if (folder / "model.safetensors").is_file():
        return load_file(folder / "model.safetensors")
    path = folder / "model.pth"
    if not path.is_file():
        raise ValueError(f"{folder}: expected model.safetensors or model.pth; a .pkl is not read, convert it first")
    try:
        found = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch raises what its unpickler meets, whatever that is
        raise ValueError(
            f"{path}: holds more than tensors; save its state_dict as model.safetensors ({error})"
        ) from error
    return found.get("model", found)


def _head(weights: dict[str, Tensor], attributes: tuple[str, ...], folder: Path) -> AttributeHead | None:
    """The attribute head among `weights`, which it is taken out of; None where there is none."""
    names = [name for name in weights if name.removeprefix(_PREDICTOR).split(".")[0] in _HEAD]
    own = {name.removeprefix(_PREDICTOR): weights.pop(name) for name in names}
    if not own and not attributes:
        return None
    if not own or len(attributes) + 1 != len(own["attr_score.bias"]):
        there = f"{len(own['attr_score.bias']) - 1}" if own else "no"
        raise ValueError(f"{folder / 'attributes.txt'}: {len(attributes)} attributes, but the weights have {there}")
    return AttributeHead(own)


def _lines(path: Path, needed: bool = True) -> tuple[str, ...]:
    if not path.is_file():
        if needed:
            raise ValueError(f"{path}: expected a file with a label a line, in order of number")
        return ()
    return tuple(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
