"""A small Cross2StrA and its batches, made by hand: what tests of the model and of its training read."""

import numpy as np
import torch

from cross2stra.configuration import Model
from cross2stra.model.batch import SceneBatch, SyntaxBatch
from cross2stra.model.cross2stra import Cross2StrA, Shape
from cross2stra.structures.graph import GraphBuilder
from cross2stra.training.examples import Scene, collate_scenes, collate_trees, encode_scene, encode_tree

WORDS = ["<pad>", "<bos>", "<eos>", "<unk>", "<mask>", "dog", "red", "on", "grass", "a", "cat", "sits", "the"]
INDEX = {word: i for i, word in enumerate(WORDS)}
TREE = "(S (NP (D a) (N dog)) (VP (V sits) (PP (P on) (NP (N grass)))))"
SMALL = Model(d_model=16, heads=2, feed_forward=24, dropout=0.0)


def model(**switches: bool) -> Cross2StrA:
    torch.manual_seed(0)
    made = Cross2StrA(Shape(model=SMALL, pivot_words=len(WORDS), target_words=9, feature_size=3, **switches))
    made.captioner.restrict(torch.tensor([5, 7, 8, 9, 11]))
    return made.eval()


def scene(objects: int = 2) -> Scene:
    builder = GraphBuilder()
    nodes = [builder.add_object(label, (i, i, 9, 9)) for i, label in enumerate(["dog", "grass", "cat"][:objects])]
    builder.add_attribute(nodes[0], "red")
    if objects > 1:
        builder.add_relation(nodes[0], "on", nodes[1])
    features = np.zeros((len(builder.labels), 3), dtype=np.float16)
    features[:objects] = 1
    return encode_scene(builder.build((10, 10), features), INDEX, 3)


def batch(*objects: int) -> SceneBatch:
    return collate_scenes([scene(n) for n in objects], visual=True)


def trees(*bracketed: str) -> SyntaxBatch:
    return collate_trees([encode_tree(tree, INDEX) for tree in bracketed])
