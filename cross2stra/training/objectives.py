"""The objectives, each a function of states and tensors: L_Cap, L_Tran (Eq. 5, 6), L_CMA, L_CLA (Eq. 7, 8, A.3)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cross2stra.configuration import Alignment
from cross2stra.model.batch import WHOLE, Share


def word_loss(
    logits: Tensor,
    words: Tensor,
    output_index: Tensor,
    smoothing: float = 0.0,
    weights: Tensor | None = None,
    share: Share = WHOLE,
) -> Tensor:
    """Mean negative log-likelihood a word (Eq. 5, 6): logits (b, T, V), word ids (B, T), 0 pads -> ().

    `output_index`: (words,) place of a word id among the V words that can be said, -100 if it is none of them; such a
    word (padding too) is left out. `weights`: (b,) what a word's loss is multiplied by, sentence by sentence; the mean is
    still over words. `share`: which b of the B sentences there are logits of. 0 when no word is left.
    """
    whole = output_index[words]
    labels = share.rows(whole)
    if not bool((labels >= 0).any()):
        return logits.sum() * 0.0
    if weights is None:
        loss = functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=smoothing
        )
    else:
        each = functional.cross_entropy(
            logits.transpose(1, 2), labels, ignore_index=-100, label_smoothing=smoothing, reduction="none"
        )
        loss = (each * weights[:, None]).sum() / (labels >= 0).sum()
    return share.mean(loss, (labels >= 0).sum(), (whole >= 0).sum())


@dataclass
class Side:
    """Node states of one side of the pairs of a batch.

    `states`: (N, D), centred. `pair`: (N,) which pair a node belongs to. `origin`: (N,) what the pair came from, such
    as its picture: nodes of two pairs of one origin are neither positives nor negatives.
    """

    states: Tensor
    pair: Tensor
    origin: Tensor


@dataclass
class Contrast:
    """A contrastive loss and what is logged of it: shares of anchors and of same-pair node pairs that are positive."""

    loss: Tensor
    positive: Tensor
    anchors: float
    pairs: float
    cosine: float


def contrast(a: Side, b: Side, threshold: float, alignment: Alignment, nearest: bool = False) -> Contrast:
    """Node alignment of Eq. 8 between `a` (N, D) and `b` (M, D), both directions averaged -> ().

    Positives: same-pair nodes whose cosine (Eq. 7) exceeds `threshold`, at most `max_positives` for an
    anchor of `a`, chosen without gradient (an anchor of `b` has those of them that it is in, so any number); with
    `nearest`, an anchor of `a` without one takes its mutual nearest neighbour of the pair.
    A term is -log(exp(s / t) / Z), Z over the nodes that are not positive for the anchor, in its own pair and in the
    batch's pairs of other origins (docs/readings.md, 5); a term without a negative is left out; divided by the number of
    positives. `alignment.literal`: Z as A.3 prints it, see `_literal`. 0, with zero gradient, without a positive.
    """
    cosine = functional.normalize(a.states, dim=-1) @ functional.normalize(b.states, dim=-1).T
    same = a.pair[:, None] == b.pair[None]
    allowed = same | (a.origin[:, None] != b.origin[None])
    positive = _positives(cosine.detach(), same, threshold, alignment.max_positives, nearest)
    scaled = cosine / alignment.temperature
    if alignment.literal:
        loss = (_literal(scaled, positive, same) + _literal(scaled.T, positive.T, same.T)) / 2
    else:
        loss = (_each(scaled, positive, allowed) + _each(scaled.T, positive.T, allowed.T)) / 2
    return Contrast(
        loss,
        positive,
        anchors=float(positive.any(1).float().mean()) if positive.numel() else 0.0,
        pairs=float(positive.sum() / same.sum().clamp(min=1)),
        cosine=float(cosine.detach()[same].mean()) if bool(same.any()) else 0.0,
    )


def _positives(cosine: Tensor, same: Tensor, threshold: float, most: int, nearest: bool) -> Tensor:
    inside = cosine.masked_fill(~same, -2.0)
    if not inside.numel():
        return same
    kept = torch.zeros_like(same)
    kept.scatter_(1, inside.topk(min(most, inside.shape[1]), 1).indices, True)
    positive = kept & same & (inside > threshold)
    if nearest:
        rows, columns = inside.argmax(1), inside.argmax(0)
        anchors = torch.arange(len(inside), device=inside.device)
        mutual = (columns[rows] == anchors) & same[anchors, rows] & ~positive.any(1)
        positive[anchors[mutual], rows[mutual]] = True
    return positive


def _each(scaled: Tensor, positive: Tensor, allowed: Tensor) -> Tensor:
    """Rows are anchors; sum over positives of log Z - s / t, divided by their number."""
    negative = allowed & ~positive
    terms = positive & negative.any(1, keepdim=True)
    if not bool(terms.any()):
        return scaled.sum() * 0.0
    log_z = scaled.masked_fill(~negative, -1e9).logsumexp(1)
    return ((log_z[:, None] - scaled) * terms).sum() / terms.sum()


def _literal(scaled: Tensor, positive: Tensor, same: Tensor) -> Tensor:
    """A.3 as printed: for a positive (i, j*), Z sums exp(s / t) over every node of the pair's first side and every node
    but j* of its second side."""
    mass = torch.where(same, scaled.exp(), 0.0)
    # Two nodes of the second side are of one pair where they share a node of the first side.
    columns = mass.sum(0)
    together = (same.float().T @ same.float() > 0).to(mass)
    z = together @ columns - columns  # (M,)
    terms = positive & (z > 0)[None]
    if not bool(terms.any()):
        return scaled.sum() * 0.0
    return ((z.clamp(min=1e-30).log()[None] - scaled) * terms).sum() / terms.sum()


def straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    """The value of `hard`, with the gradient of `soft`; both of one shape, such as (B, T, V).

    `soft` gets the whole gradient of the result, and so does `hard` where it requires one: detach it, or give a constant
    such as a one-hot, where `soft` alone is to learn.
    """
    return hard + soft - soft.detach()
