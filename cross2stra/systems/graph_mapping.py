"""UNISON, unpaired cross-lingual captioning by graph mapping (Gao, Zhou, Yu, Joty and Gu, AAAI 2022).

A picture's scene graph is mapped to a sentence's, that of a pivot sentence to one that target sentences are decoded from:
no pivot caption is said on the way.
1. Cross-lingual auto-encoding, on parallel text: the scene graph of a pivot sentence is encoded; its nodes are mapped one
   by one, with their neighbours (local) and with the whole graph (global), and a gate weighs the three; a decoder says the
   target sentence. A second decoder says the pivot sentence from the graph before the mapping.
2. Cross-modal mapping: with all of this fixed, the states of a picture's nodes are mapped to those of sentences', for
   objects, attributes and relations apart, by an adversary that tells them from sentences' and by cycle consistency.

The raw version sees no pair of picture and caption. The other one, which the paper's Table 1 has, also asks that the
pivot decoder say a picture's pivot captions from the mapped states (L_Cap).

Simplified: one optimiser, in which an update is one of the judges and of the mappings at once, in place of alternating
ones; Transformer decoders in place of LSTMs; a picture's graph is first read as a sentence's with the same
labels, and its regions' features come in during the second phase.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from cross2stra.configuration import Experiment, Model, Profile
from cross2stra.model.batch import SCENE_EDGE_TYPES, SceneBatch, States, pad
from cross2stra.model.cross2stra import Shape, WordDecoder, made_on_cpu, save_weights
from cross2stra.model.gcn import GraphEncoder
from cross2stra.model.layers import Encoder
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.systems.method import Method, Task
from cross2stra.training.batches import stream
from cross2stra.training.corpus import TransferData
from cross2stra.training.examples import collate_scenes, collate_words, prefixes
from cross2stra.training.loop import Plan
from cross2stra.training.objectives import word_loss
from cross2stra.training.pivot_batches import CAPTIONS, PAIRS

KINDS = 3
"""Objects, attributes, relations (NodeKind)."""


class LanguageMapping(nn.Module):
    """Node states of a pivot graph -> states that target words are said from."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        width = model.d_model
        self.node = nn.Linear(width, width)
        self.local = GraphEncoder(1, width, SCENE_EDGE_TYPES, model.dropout)
        self.whole = Encoder(1, width, model.heads, model.feed_forward, model.dropout, positions=False)
        self.gate = nn.Linear(3 * width, 3)

    def forward(self, nodes: Tensor, scene: SceneBatch) -> States:
        """(N, D) -> (B, N, D)."""
        together = pad(nodes, scene)
        levels = [
            pad(self.node(nodes), scene).values,
            pad(self.local(nodes, scene.edges, scene.edge_types), scene).values,
            self.whole(together.values, together.mask),
        ]
        weights = self.gate(torch.cat(levels, -1)).softmax(-1)  # (B, N, 3)
        return States((torch.stack(levels, -1) * weights[..., None, :]).sum(-1), together.mask)


class KindMapping(nn.Module):
    """A two-layer network for each kind of node; with `residual`, added to what it reads and 0 at first."""

    def __init__(self, width: int, out: int, residual: bool = False) -> None:
        super().__init__()
        last = [nn.Linear(width, out) for _ in range(KINDS)]
        self.networks = nn.ModuleList(nn.Sequential(nn.Linear(width, width), nn.ReLU(), each) for each in last)
        self.residual = residual
        if residual:
            for each in last:
                nn.init.zeros_(each.weight)
                nn.init.zeros_(each.bias)

    def forward(self, nodes: Tensor, kinds: Tensor) -> Tensor:
        """Node states (N, D) of these kinds (N,) -> (N, out)."""
        found = torch.stack([network(nodes) for network in self.networks], 1)[torch.arange(len(nodes)), kinds]
        return nodes + found if self.residual else found


class GraphCaptioner(TargetCaptioner):
    """Scene graph -> target caption: TargetCaptioner's encoder and decoder with the two mappings between them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.mapping = LanguageMapping(shape.model)
        self.to_sentence = KindMapping(shape.model.d_model, shape.model.d_model, residual=True)

    def nodes(self, scene: SceneBatch) -> Tensor:
        """States of all nodes (N, D), before any mapping."""
        return self.scene_encoder.nodes(scene, self.pivot_embedding)

    def scene(self, scene: SceneBatch) -> States:
        """What the target decoder reads (B, N, D)."""
        nodes = self.nodes(scene)
        return self.mapping(self.to_sentence(nodes, scene.kinds) if scene.visual else nodes, scene)


class Adversary(nn.Module):
    """Tells mapped states from real ones on both sides, and maps sentences' states back to pictures'."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.to_picture = KindMapping(width, width, residual=True)
        self.of_sentences = KindMapping(width, 1)
        self.of_pictures = KindMapping(width, 1)

    def forward(
        self, pictures: Tensor, kinds: Tensor, sentences: Tensor, sentence_kinds: Tensor, to_sentence: KindMapping
    ) -> dict[str, Tensor]:
        """States of picture nodes (N, D) and sentence nodes (M, D), neither mapped -> losses, ().

        `adversary` trains the judges, `fooling` the mappings, each over both sides. `cycle` is the mean absolute difference
        between a state and itself mapped there and back.
        """
        mapped, back = to_sentence(pictures, kinds), self.to_picture(sentences, sentence_kinds)
        goal = pictures.detach()
        judged, fooling = told_apart(self.of_sentences, sentences, sentence_kinds, mapped, kinds)
        judged_back, fooling_back = told_apart(self.of_pictures, goal, kinds, back, sentence_kinds)
        cycle = (self.to_picture(mapped, kinds) - goal).abs().mean()
        cycle = cycle + (to_sentence(back, sentence_kinds) - sentences).abs().mean()
        return {"adversary": judged + judged_back, "fooling": fooling + fooling_back, "cycle": cycle}


def told_apart(
    judge: KindMapping, real: Tensor, kinds: Tensor, mapped: Tensor, mapped_kinds: Tensor
) -> tuple[Tensor, Tensor]:
    """Losses of the judge, -log D(real) - log(1 - D(mapped)), and of what made `mapped`, -log D(mapped), means over nodes.

    The second one is not the first turned round, whose gradient is gone where D is sure (Goodfellow et al., 2014, Section 3).
    Neither trains the other's side.
    """
    judged = functional.softplus(-judge(real, kinds)).mean()
    judged = judged + functional.softplus(judge(mapped.detach(), mapped_kinds)).mean()
    fixed = {name: weight.detach() for name, weight in judge.named_parameters()}
    return judged, functional.softplus(-functional_call(judge, fixed, (mapped, mapped_kinds))).mean()


class GraphMapper(GraphCaptioner):
    """A GraphCaptioner with what its training needs beside it: a decoder of pivot sentences and the adversary."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.pivot_decoder = WordDecoder(shape.model, shape.pivot_words)
        self.adversary = Adversary(shape.model.d_model)

    def phase(self, second: bool) -> None:
        """Train encoders and decoders (first phase), or what reads and maps pictures, all else fixed."""
        encoder = self.scene_encoder
        of_pictures = [encoder.picture, encoder.picture_norm, encoder.geometry, self.to_sentence, self.adversary]
        moving = {id(p) for part in [*of_pictures, encoder.feature] if part is not None for p in part.parameters()}
        for parameter in self.parameters():
            parameter.requires_grad_((id(parameter) in moving) == second)

    @torch.no_grad()
    def read_pictures_as_sentences(self) -> None:
        """Give pictures' labels the projection of sentences', and boxes and features no weight yet."""
        encoder = self.scene_encoder
        encoder.picture.load_state_dict(encoder.sentence.state_dict())
        encoder.picture_norm.load_state_dict(encoder.sentence_norm.state_dict())
        for part in (encoder.geometry, encoder.feature):
            if part is not None:
                nn.init.zeros_(part.weight)
                nn.init.zeros_(part.bias)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write what captions, a GraphCaptioner."""
        kept = {n: t for n, t in self.state_dict().items() if not n.startswith(("pivot_decoder.", "adversary."))}
        save_weights(folder, self.shape, kept)


class GraphMappingStage:
    """Both phases; `paired`: pictures have pivot captions in the second."""

    def __init__(self, model: GraphMapper, data: TransferData, profile: Profile, plan: Plan, paired: bool) -> None:
        self.model, self.data, self.profile, self.plan, self.paired = model, data, profile, plan, paired
        self.first = round(plan.updates * (1 - profile.compared.graph_mapping.share))

    @property
    def account(self) -> dict[str, float]:
        """Nothing more."""
        return {}

    def prepare(self, step: int) -> None:
        """Turn to the second phase when its time comes."""
        self.model.phase(step >= self.first)
        if step == self.first:
            self.model.read_pictures_as_sentences()

    def losses(self, step: int) -> tuple[dict[str, tuple[float, Tensor]], dict[str, float]]:
        """Of the first phase L_Tran from graphs and the pivot's auto-encoding; of the second the mapping of pictures."""
        overall, batch = self.plan.before + step, self.profile.training.batch
        own = self.plan.share.rows
        rows = stream(len(self.data.pairs.target_words), batch, overall, self.plan.seed, PAIRS)
        sentences = collate_scenes([self.data.pairs.sentence[i] for i in own(rows)], visual=False)
        nodes = self.model.nodes(sentences)
        if step < self.first:
            target = [self.data.pairs.target_words[i] for i in rows]
            pivot = [self.data.pairs.pivot[i].tokens for i in rows]
            said = self._said(
                self.model.captioner, self.model.target_embedding, self.model.mapping(nodes, sentences), target
            )
            again = self._said(self.model.pivot_decoder, self.model.pivot_embedding, pad(nodes, sentences), pivot)
            return {"tran": (1.0, said), "autoencoder": (1.0, again)}, {}
        rows = stream(len(self.data.captions.words), batch, overall, self.plan.seed, CAPTIONS)
        scene = self.data.scenes(self.data.captions.picture[own(rows)])
        pictures = self.model.nodes(scene)
        weights = {"adversary": 1.0, "fooling": 1.0, "cycle": self.profile.compared.graph_mapping.cycle}
        losses = self.model.adversary(pictures, scene.kinds, nodes, sentences.kinds, self.model.to_sentence)
        found = {name: (weights[name], loss) for name, loss in losses.items()}
        if self.paired:
            mapped = pad(self.model.to_sentence(pictures, scene.kinds), scene)
            captions = [self.data.captions.words[i] for i in rows]
            found["cap"] = (1.0, self._said(self.model.pivot_decoder, self.model.pivot_embedding, mapped, captions))
        return found, {}

    def _said(self, decoder: WordDecoder, embedding: nn.Embedding, states: States, said: list[np.ndarray]) -> Tensor:
        words, share = collate_words(said, self.profile.text.max_tokens), self.plan.share
        logits = decoder(prefixes(share.rows(words)), states, embedding)
        smoothing = self.profile.training.label_smoothing
        return word_loss(logits, words, decoder.output_index, smoothing, share=share)


class GraphMapping(Method):
    """UNISON; the raw version is the row without `cap`."""

    def passes(self, profile: Profile, experiment: Experiment) -> float:
        """Target and pivot sentences in the first phase, pivot captions (if any) in the second."""
        share = profile.compared.graph_mapping.share
        return 2 * (1 - share) + share * ("cap" in experiment.losses)

    def stage(self, task: Task, data: TransferData, plan: Plan) -> GraphMappingStage:
        """Both phases, from random weights."""
        model = made_on_cpu(lambda: GraphMapper(self.shape(task, data)))
        return GraphMappingStage(model, data, task.profile, plan, "cap" in task.experiment.losses)

    def load(self, folder: Path) -> GraphCaptioner:
        """The captioner without its adversary."""
        return GraphCaptioner.from_pretrained(folder)
