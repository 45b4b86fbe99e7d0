"""Training of the scene generator on the pivot training set, and its report on pivot validation."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from cross2stra.configuration import Generator as Settings
from cross2stra.data.files import replacing_folder, write_json
from cross2stra.structures.generation.generator import BOS, EOS, LONGEST, PAD, SceneGenerator, Shape, padded
from cross2stra.structures.generation.sequences import read_sequence, write_sequence, written_objects
from cross2stra.structures.graph import SceneGraph

Pair = tuple[SceneGraph, SceneGraph]
SPECIALS = ["<pad>", "<bos>", "<eos>", "<unknown>"]


def train(settings: Settings, pairs: Sequence[Pair], validation: Sequence[Pair], output: Path, seed: int) -> None:
    """Train on (LSG of a caption, VSG of its picture) and write the generator with report.json to `output`.

    Pairs of a picture in which no region was seen are passed over where others have region features; report.json has
    their number. Raises ValueError where there is no pair.
    """
    if not pairs:
        raise ValueError("the scene generator has no captioned training pictures; make captions.parquet again")
    given, pairs = len(pairs), [pair for pair in pairs if pair[1].features is not None] or pairs
    if len(pairs) < given:
        what = "training pairs left out: nothing is seen in their pictures"
        print(f"[generator] {given - len(pairs):,} of {given:,} {what}", file=sys.stderr, flush=True)
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 13])
    model = SceneGenerator(_shape(settings, pairs))
    written = {id(picture): write_sequence(picture) for _, picture in pairs}
    features = [_features(picture) for picture in {id(p): p for _, p in pairs}.values()]
    if model.shape.feature_size:
        every = torch.from_numpy(np.concatenate(features))
        model.feature_mean, model.feature_spread = every.mean(0), every.std(0).clamp(min=1e-3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98))
    warm_up = max(1, settings.updates // 10)
    model.train()
    began = said = time.monotonic()
    for step in range(settings.updates):
        some = [pairs[i] for i in rng.integers(len(pairs), size=settings.batch)]
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min((step + 1) / warm_up, (warm_up / (step + 1)) ** 0.5)
        loss = _loss(model, some, written)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        now = time.monotonic()
        if now - said > 5 or step + 1 == settings.updates:
            said = now
            left = (now - began) / (step + 1) * (settings.updates - step - 1)
            progress = f"[generator] step {step + 1}/{settings.updates} loss {float(loss.detach()):.3f}"
            print(f"{progress}, {left:.0f} s left", file=sys.stderr, flush=True)
    with replacing_folder(output, "report.json") as temporary:
        model.save(temporary)
        write_json(temporary / "report.json", report(model, validation) | {"left_out_pairs": given - len(pairs)})


def _shape(settings: Settings, pairs: Sequence[Pair]) -> Shape:
    read = Counter(word for sentence, _ in pairs for word in read_sequence(sentence))
    written = Counter(token for _, picture in pairs for token in write_sequence(picture)[0])
    sizes = Counter(picture.size for _, picture in pairs)
    features = pairs[0][1].features
    return Shape(
        settings.d_model,
        settings.layers,
        SPECIALS + [word for word, count in sorted(read.items()) if count > 1],
        SPECIALS + sorted(written),
        0 if features is None else features.shape[1],
        sizes.most_common(1)[0][0],
    )


def _features(picture: SceneGraph) -> np.ndarray:
    if picture.features is None:
        return np.zeros((0, 1), dtype=np.float32)
    return picture.features[written_objects(picture)].astype(np.float32)


def _loss(
    model: SceneGenerator, pairs: Sequence[Pair], written: dict[int, tuple[list[str], list[int]]]
) -> torch.Tensor:
    """Token cross-entropy, plus the squared error of standardised region features at the objects' names."""
    rows = [written[id(picture)] for _, picture in pairs]
    tokens = padded([[BOS, *(model.written_index[t] for t in row), EOS][: LONGEST + 1] for row, _ in rows])
    memory, padding = model.encode([sentence for sentence, _ in pairs])
    states = model.decode(tokens[:, :-1], memory, padding)
    logits = states @ model.written.weight.T
    loss = functional.cross_entropy(
        logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD, label_smoothing=0.05
    )
    if not model.shape.feature_size:
        return loss
    owners = [(b, place + 1) for b, (_, places) in enumerate(rows) for place in places if place + 1 < states.shape[1]]
    wanted = [f for (_, places), (_, p) in zip(rows, pairs, strict=True) for place, f in zip(places, _features(p), strict=True)
              if place + 1 < states.shape[1]]  # fmt: skip
    batch, position = (torch.tensor(x) for x in zip(*owners, strict=True))
    standard = (torch.from_numpy(np.stack(wanted)) - model.feature_mean) / model.feature_spread
    return loss + functional.mse_loss(model.regressor(states[batch, position]), standard)


def report(model: SceneGenerator, validation: Sequence[Pair], most: int = 300) -> dict[str, float]:
    """On held-out pictures: precision and recall of object names and attributes, and features' error beside the mean's."""
    some = list(validation[:most])
    if not some:
        return {"pictures": 0}
    made = model.generate([sentence for sentence, _ in some])
    hit = said = there = 0
    errors, baseline = [], []
    for graph, (_, gold) in zip(made, some, strict=True):
        ours, theirs = Counter(graph.node_labels), Counter(gold.node_labels)
        hit += sum((ours & theirs).values())
        said += sum(ours.values())
        there += sum(theirs.values())
        if graph.features is None or gold.features is None:
            continue
        by_name = {gold.node_labels[node]: gold.features[node].astype(np.float32) for node in written_objects(gold)}
        for node in np.flatnonzero(graph.node_kinds == 0):
            if graph.node_labels[node] in by_name:
                wanted = (by_name[graph.node_labels[node]] - model.feature_mean.numpy()) / model.feature_spread.numpy()
                found = (
                    graph.features[node].astype(np.float32) - model.feature_mean.numpy()
                ) / model.feature_spread.numpy()
                errors.append(float(((found - wanted) ** 2).mean()))
                baseline.append(float((wanted**2).mean()))
    scores = {
        "pictures": len(some),
        "node_precision": 100 * hit / max(1, said),
        "node_recall": 100 * hit / max(1, there),
    }
    if errors:
        scores |= {
            "feature_squared_error": float(np.mean(errors)),
            "feature_squared_error_of_mean": float(np.mean(baseline)),
        }
    return {name: round(value, 3) for name, value in scores.items()}
