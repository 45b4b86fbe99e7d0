"""The detectron2 backend against detectron2's own model classes, with random weights.

Its Python source, v0.6, is put on the path by `make test`: what it needs compiled stands in here, torchvision's
operators by ours (which test_operators.py holds to brute force).
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from cross2stra.configuration import Extractor
from cross2stra.structures.graph import GraphBuilder, NodeKind, SceneGraph
from cross2stra.structures.visual import operators
from cross2stra.structures.visual.detectron2 import Detectron2Detector
from cross2stra.structures.visual.extractor import Names, SceneGraphExtractor
from cross2stra.structures.visual.extractor_training import train_motifs
from cross2stra.structures.visual.motifs_data import union_boxes

SOURCE = Path(__file__).parents[3] / ".venv" / "detectron2-0.6"
CLASSES, ATTRIBUTES = ("cat", "dog", "tree"), ("big", "red")

pytestmark = pytest.mark.skipif(not SOURCE.is_dir(), reason=f"no {SOURCE}; `make test` fetches detectron2's source")


def _roi_align(maps: Tensor, rois: Tensor, size: Any, scale: float, samples: int, aligned: bool) -> Tensor:
    assert aligned
    extent = torch.tensor([*maps.shape[:1:-1], *maps.shape[:1:-1]]) / scale
    cells = size if isinstance(size, int) else size[0]
    return operators.roi_align(maps, rois[:, 1:] / extent, rois[:, 0].long(), cells, samples or 2)


@pytest.fixture(scope="module", autouse=True)
def detectron2() -> Iterator[None]:
    """detectron2 can be imported, until the tests of this file are over: transformers asks for torchvision too."""
    before = set(sys.modules)

    def stand_in(name: str, **content: Any) -> ModuleType:
        module = ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        module.__path__ = []
        vars(module).update(content)
        sys.modules[name] = module
        return module

    suppressed = {
        "nms": operators.suppress,
        "batched_nms": lambda boxes, scores, groups, threshold: operators.suppress(boxes, scores, threshold, groups),
    }
    unused = dict.fromkeys(("deform_conv2d", "RoIPool"))
    ops = stand_in("torchvision.ops", roi_align=_roi_align, **suppressed, **unused)
    stand_in("torchvision.ops.boxes", **suppressed)
    stand_in("torchvision", ops=ops, __version__="0.28.0")
    sys.path.insert(0, str(SOURCE))
    bilinear = Image.__dict__.get("LINEAR")
    Image.LINEAR = Image.Resampling.BILINEAR  # type: ignore[attr-defined]  # detectron2 0.6 reads the name of old Pillows
    try:
        import detectron2

        detectron2._C = stand_in("detectron2._C")
        yield
    finally:
        sys.path.remove(str(SOURCE))
        if bilinear is None:
            del Image.LINEAR  # type: ignore[attr-defined]
        for name in set(sys.modules) - before:
            if name.split(".")[0] in ("detectron2", "torchvision"):
                del sys.modules[name]


def small(backbone: str) -> Any:
    """A configuration of detectron2's small enough for a test; C4 as the bottom-up detector's, or FPN."""
    from detectron2.config import get_cfg

    config = get_cfg()
    config.MODEL.DEVICE = "cpu"
    config.MODEL.RESNETS.DEPTH = 50
    config.MODEL.RESNETS.STEM_OUT_CHANNELS = config.MODEL.RESNETS.WIDTH_PER_GROUP = 8
    config.MODEL.RESNETS.RES2_OUT_CHANNELS = 16
    config.MODEL.ROI_HEADS.NUM_CLASSES = len(CLASSES)
    config.MODEL.ROI_HEADS.SCORE_THRESH_TEST = 0.0
    config.MODEL.RPN.POST_NMS_TOPK_TEST = 20
    config.TEST.DETECTIONS_PER_IMAGE = 12
    config.INPUT.MIN_SIZE_TEST, config.INPUT.MAX_SIZE_TEST = 96, 128
    if backbone == "fpn":
        config.MODEL.BACKBONE.NAME = "build_resnet_fpn_backbone"
        config.MODEL.RESNETS.OUT_FEATURES = ["res2", "res3", "res4", "res5"]
        config.MODEL.FPN.IN_FEATURES = ["res2", "res3", "res4", "res5"]
        config.MODEL.FPN.OUT_CHANNELS = 16
        config.MODEL.ANCHOR_GENERATOR.SIZES = [[32], [64], [128], [256], [512]]
        config.MODEL.RPN.IN_FEATURES = ["p2", "p3", "p4", "p5", "p6"]
        config.MODEL.ROI_HEADS.NAME = "StandardROIHeads"
        config.MODEL.ROI_HEADS.IN_FEATURES = ["p2", "p3", "p4", "p5"]
        config.MODEL.ROI_BOX_HEAD.NAME = "FastRCNNConvFCHead"
        config.MODEL.ROI_BOX_HEAD.NUM_FC, config.MODEL.ROI_BOX_HEAD.FC_DIM = 1, 24
        config.MODEL.ROI_BOX_HEAD.POOLER_RESOLUTION = 4
    return config


def written(folder: Path, backbone: str, attributes: bool) -> Path:
    """The folder of a model with random weights."""
    from detectron2.modeling import build_model

    torch.manual_seed(1)
    config = small(backbone)
    weights = dict(build_model(config).state_dict())
    scores = weights["roi_heads.box_predictor.cls_score.weight"]
    weights["roi_heads.box_predictor.cls_score.weight"] = torch.randn_like(scores) / 2000  # features are some hundreds
    size = scores.shape[1]
    if attributes:
        shapes = {
            "cls_embedding.weight": (len(CLASSES) + 1, size // 8),
            "fc_attr.weight": (size // 4, size + size // 8),
            "fc_attr.bias": (size // 4,),
            "attr_score.weight": (len(ATTRIBUTES) + 1, size // 4),
            "attr_score.bias": (len(ATTRIBUTES) + 1,),
        }
        weights |= {f"roi_heads.box_predictor.{name}": torch.randn(shape) / 9 for name, shape in shapes.items()}
        (folder / "attributes.txt").write_text("\n".join(ATTRIBUTES), encoding="utf-8")
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, folder / "model.safetensors")
    (folder / "classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
    (folder / "config.yaml").write_text(config.dump(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bottom_up(tmp_path_factory: pytest.TempPathFactory, detectron2: None) -> Detectron2Detector:
    return Detectron2Detector.load(written(tmp_path_factory.mktemp("c4"), "c4", attributes=True))


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory, detectron2: None) -> Detectron2Detector:
    return Detectron2Detector.load(written(tmp_path_factory.mktemp("fpn"), "fpn", attributes=False))


def picture(seed: int, size: tuple[int, int] = (80, 60)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (*size[::-1], 3), dtype=np.uint8))


@pytest.mark.parametrize("name", ["bottom_up", "pyramid"])
def test_regions_are_those_of_detectron2(name: str, request: pytest.FixtureRequest) -> None:
    detector: Detectron2Detector = request.getfixturevalue(name)
    first, second = detector.look([picture(1), picture(2, (60, 120))]).detect(0.0)
    assert len(first.boxes) > 2
    assert first.boxes.min() >= 0
    assert first.boxes.max() <= 1
    assert (first.scores.diff() <= 0).all()
    assert first.probabilities.shape == (len(first.boxes), len(CLASSES))
    assert second.attributes.shape == (len(second.boxes), len(detector.attributes))
    sight = detector.look([picture(1)]).sights[0]
    inputs = [{"image": sight.images.tensor[0] * detector.model.pixel_std + detector.model.pixel_mean}]
    with torch.no_grad():
        (own,) = detector.model.inference(inputs, do_postprocess=False)
    assert torch.allclose(own.pred_boxes.tensor / sight.extent, first.boxes, atol=1e-5)
    assert torch.equal(own.pred_classes, first.classes)
    few = detector.look([picture(1)]).detect(float(first.scores.median()))[0]
    assert 0 < len(few.boxes) < len(first.boxes)


@pytest.mark.parametrize("name", ["bottom_up", "pyramid"])
def test_boxes_are_described_as_the_predictor_reads_them(name: str, request: pytest.FixtureRequest) -> None:
    detector: Detectron2Detector = request.getfixturevalue(name)
    boxes = torch.tensor([[0.1, 0.1, 0.5, 0.6], [0.3, 0.2, 0.9, 0.9], [0.0, 0.0, 1.0, 1.0]])
    (seen,) = detector.look([picture(1)]).describe([boxes])
    assert seen.features.shape == (3, detector.feature_size)
    assert seen.unions.shape == (6, detector.feature_size)
    (whole,) = detector.look([picture(1)]).describe([torch.from_numpy(union_boxes(boxes[:2].numpy()))[:1]])
    assert np.allclose(seen.unions[0], whole.features[0], atol=1e-4)
    predictor = detector.model.roi_heads.box_predictor
    with torch.no_grad():
        probabilities = predictor(torch.from_numpy(seen.features))[0].softmax(-1)[:, :-1]
    assert np.allclose(seen.labels, probabilities.numpy(), atol=1e-5)
    assert seen.attributes.shape == (3, len(detector.attributes))


def test_attributes_depend_on_the_most_probable_class(bottom_up: Detectron2Detector) -> None:
    head = bottom_up.head
    assert head is not None
    features = torch.randn(1, bottom_up.feature_size).expand(2, -1) / 9
    found = head(features, torch.tensor([[9.0, 0, 0, 0], [0, 0, 0, 9.0]]))
    assert found.shape == (2, len(ATTRIBUTES))
    assert (found.sum(-1) <= 1).all()
    assert not torch.allclose(found[0], found[1])


def annotated(seed: int) -> SceneGraph:
    builder = GraphBuilder()
    cat, dog = builder.add_object("cat", (0, 0, 30, 30 + seed)), builder.add_object("dog", (30, 20, 80, 60))
    builder.add_attribute(cat, "red")
    builder.add_relation(cat, "near", dog)
    return builder.build((80, 60))


def test_motifs_learn_on_it_and_pictures_become_graphs(bottom_up: Detectron2Detector, tmp_path: Path) -> None:
    files = [tmp_path / f"{seed}.png" for seed in range(4)]
    for seed, file in enumerate(files):
        picture(seed).save(file)
    names = Names(bottom_up.classes, bottom_up.attributes, ("near",))
    settings = Extractor(motifs_updates=3, region=0.0, overlap=0.9, attribute=0.0, relation=0.0)
    graphs = [annotated(seed) for seed in range(4)]
    extractor = train_motifs(bottom_up, names, files, graphs, settings, seed=1, working=tmp_path)
    extractor.save(tmp_path / "extractor", {})
    assert not list((tmp_path / "extractor" / "detector").glob("*.safetensors"))
    again = SceneGraphExtractor.load(tmp_path / "extractor")
    graph, other = (next(iter(own.graphs(files[:1], settings))) for own in (extractor, again))
    assert graph.node_labels == other.node_labels
    objects = graph.node_kinds == NodeKind.OBJECT
    assert objects.sum() > 1
    assert {label for label, kind in zip(graph.node_labels, graph.node_kinds, strict=True) if kind == 0} <= set(CLASSES)
    assert graph.features is not None
    assert graph.features.shape[1] == bottom_up.feature_size
    assert graph.size == (80, 60)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected the folder of a detectron2 model"):
        Detectron2Detector.load(tmp_path)
    written(tmp_path, "c4", attributes=True)
    (tmp_path / "attributes.txt").write_text("big", encoding="utf-8")
    with pytest.raises(ValueError, match=r"attributes\.txt: 1 attributes, but the weights have 2"):
        Detectron2Detector.load(tmp_path)
    (tmp_path / "classes.txt").write_text("cat\ndog", encoding="utf-8")
    with pytest.raises(ValueError, match=r"classes\.txt: 2 classes, but config\.yaml has NUM_CLASSES 3"):
        Detectron2Detector.load(tmp_path)
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES), encoding="utf-8")
    (tmp_path / "attributes.txt").write_text("\n".join(ATTRIBUTES), encoding="utf-8")
    (tmp_path / "model.safetensors").unlink()
    torch.save({"model": {"roi_heads.box_predictor.cls_score.bias": torch.zeros(4)}}, tmp_path / "model.pth")
    with pytest.raises(ValueError, match=r"attributes\.txt: 2 attributes, but the weights have no"):
        Detectron2Detector.load(tmp_path)
    (tmp_path / "attributes.txt").unlink()
    with pytest.raises(ValueError, match=r"not of the model that config\.yaml describes"):
        Detectron2Detector.load(tmp_path)
    torch.save({"model": Extractor()}, tmp_path / "model.pth")
    with pytest.raises(ValueError, match=r"model\.pth: holds more than tensors"):
        Detectron2Detector.load(tmp_path)
    (tmp_path / "config.yaml").write_text("MODEL: {ATTRIBUTE_ON: true}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"config\.yaml: not a configuration of detectron2's own models"):
        Detectron2Detector.load(tmp_path)
