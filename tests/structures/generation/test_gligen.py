"""GLIGEN against diffusers' own pipeline class: a tiny one with random weights, saved and loaded as a checkpoint is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionGLIGENPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from cross2stra.structures.generation.pictures.gligen import MOST_BOXES, Gligen, grounding, phrase_of, prompt
from cross2stra.structures.graph import GraphBuilder, SceneGraph


def scene(*boxes: tuple[float, float, float, float]) -> SceneGraph:
    builder = GraphBuilder()
    car = builder.add_object("car", boxes[0])
    man = builder.add_object("man", boxes[1])
    builder.add_attribute(car, "big")
    builder.add_attribute(car, "red")
    builder.add_relation(man, "next to", car)
    return builder.build((200, 100))


SCENE = scene((100, 0, 300, 100), (0, 50, 20, 100))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline of the real class with its gates open, as a folder."""
    path = tmp_path_factory.mktemp("gligen")
    torch.manual_seed(1)
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=16,
        attention_head_dim=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_type="gated",
    )  # fmt: skip
    for name, parameter in unet.named_parameters():
        if "alpha" in name:  # GLIGEN's gates start closed, so that training begins at Stable Diffusion
            torch.nn.init.constant_(parameter, 1.0)
    letters = "abcdefghijklmnopqrstuvwxyz,;"
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary, merges = path / "vocab.json", path / "merges.txt"
    vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}), encoding="utf-8")
    merges.write_text("#version: 0.2\n", encoding="utf-8")
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=77, bos_token_id=0, eos_token_id=1, projection_dim=16,
    )  # fmt: skip
    StableDiffusionGLIGENPipeline(
        vae=AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=4, sample_size=8),
        text_encoder=CLIPTextModel(text),
        tokenizer=CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77, pad_token="<|endoftext|>"),
        unet=unet,
        scheduler=DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(path / "checkpoint", safe_serialization=True)
    return path / "checkpoint"


@pytest.fixture(scope="module")
def gligen(folder: Path) -> Gligen:
    return Gligen.load(folder, steps=4)


def test_what_is_asked_for() -> None:
    assert phrase_of(SCENE, 0) == "big red car"
    assert prompt(SCENE) == "big red car, man; man next to car"
    phrases, boxes = grounding(SCENE)
    assert phrases == ["big red car", "man"]
    assert np.allclose(boxes, [[0.5, 0, 1, 1], [0, 0.5, 0.1, 1]])  # clipped to the picture


def test_boxes_without_area_are_left_out_and_the_largest_are_kept() -> None:
    assert grounding(scene((0, 0, 0, 50), (0, 0, 20, 20)))[0] == ["man"]
    builder = GraphBuilder()
    for number in range(MOST_BOXES + 5):
        builder.add_object(f"thing{number}", (0, 0, number + 1, 10))
    phrases, boxes = grounding(builder.build((100, 100)))
    assert len(phrases) == len(boxes) == MOST_BOXES
    assert phrases[0] == f"thing{MOST_BOXES + 4}"


def test_a_picture_depends_on_its_graph_its_boxes_and_its_seed(gligen: Gligen) -> None:
    def drawn(graph: SceneGraph, seed: int) -> np.ndarray:
        return np.asarray(next(gligen.draw([graph], [seed])))

    first = drawn(SCENE, 1)
    assert first.shape == (8, 8, 3)
    together = [np.asarray(picture) for picture in gligen.draw([SCENE, SCENE], [2, 1])]
    assert np.array_equal(first, together[1])
    assert not np.array_equal(first, together[0])
    moved = scene((0, 0, 100, 100), (150, 50, 170, 100))
    assert prompt(moved) == prompt(SCENE)
    assert not np.array_equal(first, drawn(moved, 1))


def test_a_graph_without_boxes_is_drawn_as_a_whole(gligen: Gligen) -> None:
    nowhere = scene((0, 0, 0, 0), (0, 0, 0, 0))
    assert grounding(nowhere) == (["big red car, man; man next to car"], [[0, 0, 1, 1]])
    assert np.asarray(next(gligen.draw([nowhere], [1]))).shape == (8, 8, 3)


def test_a_folder_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"generator\.folder: expected a GLIGEN text-box checkpoint"):
        Gligen.load(tmp_path)
