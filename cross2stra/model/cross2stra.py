"""The whole captioner: picture -> scene graph -> pivot caption -> constituency tree -> target caption (Fig. 2)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, distributed, nn

from cross2stra.configuration import Model
from cross2stra.data.files import read_json, replacing_folder
from cross2stra.data.vocabulary import BOS, EOS, MASK, PAD, UNK
from cross2stra.model.batch import SceneBatch, States, SyntaxBatch
from cross2stra.model.encoders import SceneEncoder, SentenceEncoder
from cross2stra.model.fusion import SceneResidual
from cross2stra.model.layers import Decoder

M = TypeVar("M", bound=nn.Module)


class Shape(BaseModel):
    """Everything that decides which weights a model has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Model
    pivot_words: int
    target_words: int
    feature_size: int
    scene_graph: bool = True
    constituency: bool = True
    residual: bool = True
    tied: bool = True
    """Whether the translator reads the captioner's embedding itself; without, one of its own."""


class WordDecoder(nn.Module):
    """A Transformer decoder whose input and output embedding is one given tensor.

    `output_words`: (V,) the word ids that can be said, a subset of the vocabulary; logits and their gradient are of
    these rows alone, so a word that may not be said gets no gradient.
    """

    output_words: Tensor
    output_index: Tensor

    def __init__(self, model: Model, words: int) -> None:
        super().__init__()
        self.decoder = Decoder(model.decoder_layers, model.d_model, model.heads, model.feed_forward, model.dropout)
        self.dropout = nn.Dropout(model.dropout)
        self.scale = math.sqrt(model.d_model)
        self.register_buffer("output_words", torch.tensor([i for i in range(words) if i not in (PAD, BOS, MASK)]))
        self.register_buffer("output_index", torch.zeros(words, dtype=torch.long))
        self.restrict(self.output_words)

    def restrict(self, words: Tensor) -> None:
        """Say only `words` (ids); <eos> and <unk> are always among them."""
        allowed = torch.unique(torch.cat([words, words.new_tensor([EOS, UNK])]))
        self.output_words = allowed[(allowed != PAD) & (allowed != BOS) & (allowed != MASK)]
        self.output_index = torch.full_like(self.output_index, -100)
        self.output_index[self.output_words] = torch.arange(len(self.output_words))

    def embed(self, tokens: Tensor, embedding: nn.Embedding) -> Tensor:
        """Word ids (…) -> decoder input (…, D)."""
        return self.dropout(embedding(tokens) * self.scale)

    def project(self, states: Tensor, embedding: nn.Embedding) -> Tensor:
        """Decoder states (…, D) -> logits (…, V) over `output_words`."""
        return states @ embedding.weight[self.output_words].T

    def forward(self, tokens: Tensor, memory: States, embedding: nn.Embedding) -> Tensor:
        """Teacher forcing: prefix word ids (B, T) beginning with <bos> -> logits (B, T, V)."""
        states = self.decoder(self.embed(tokens, embedding), memory.values, memory.mask)
        return self.project(states, embedding)

    def memory_weights(self, tokens: Tensor, memory: States, embedding: nn.Embedding) -> Tensor:
        """What each word is said from, prefix as for `forward`: mean over layers and heads, (B, T, M), rows sum to 1."""
        return self.decoder.memory_weights(self.embed(tokens, embedding), memory.values, memory.mask).mean((1, 2))


class RunningMean(nn.Module):
    """Mean of one side's node states over the updates, which cosines are centred by (docs/readings.md, 4)."""

    mean: Tensor
    seen: Tensor

    def __init__(self, width: int, momentum: float = 0.99) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, states: Tensor) -> Tensor:
        """(N, D) -> centred (N, D); in training the mean follows the batch."""
        if self.training and len(states):
            momentum = min(self.momentum, float(self.seen / (self.seen + 1)))
            self.mean = momentum * self.mean + (1 - momentum) * _mean_of_all(states.detach())
            self.seen = self.seen + 1
        return states - self.mean


def _mean_of_all(states: Tensor) -> Tensor:
    """Mean of the rows that all processes have."""
    if not distributed.is_initialized():
        return states.mean(0)
    total = torch.cat([states.sum(0), states.new_tensor([len(states)])])
    distributed.all_reduce(total)
    return total[:-1] / total[-1]


def draw(embeddings: Iterable[nn.Embedding]) -> None:
    """Give word embeddings of width D weights of standard deviation D^-0.5, and padding zeros."""
    for embedding in embeddings:
        nn.init.normal_(embedding.weight, std=embedding.embedding_dim**-0.5)
        nn.init.zeros_(embedding.weight[PAD])


class Cross2StrA(nn.Module):
    """Captioner and translator, joined by one pivot embedding and, by the residual, by the scene states."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        model = shape.model
        self.shape = shape
        self.pivot_embedding = nn.Embedding(shape.pivot_words, model.d_model, padding_idx=PAD)
        self.target_embedding = nn.Embedding(shape.target_words, model.d_model, padding_idx=PAD)
        embeddings = [self.pivot_embedding, self.target_embedding]
        if not shape.tied:
            self.source_embedding = nn.Embedding(shape.pivot_words, model.d_model, padding_idx=PAD)
            embeddings.append(self.source_embedding)
        draw(embeddings)
        self.scene_encoder = SceneEncoder(model, shape.feature_size, shape.scene_graph)
        self.sentence_encoder = SentenceEncoder(model, shape.constituency)
        self.captioner = WordDecoder(model, shape.pivot_words)
        self.residual = SceneResidual(model.d_model, shape.residual)
        self.translator = WordDecoder(model, shape.target_words)
        if shape.residual:
            self.null_scene = nn.Parameter(torch.zeros(model.d_model))
        self.means = nn.ModuleDict(
            {side: RunningMean(model.d_model) for side in ("picture", "sentence", "pivot", "target")}
        )

    def scene(self, scene: SceneBatch) -> States:
        """h of Eq. 1: (B, N, D)."""
        return self.scene_encoder(scene, self.pivot_embedding)

    def caption(self, tokens: Tensor, h: States) -> Tensor:
        """Eq. 2 under teacher forcing: prefix (B, T) -> logits (B, T, V) over the captioner's words."""
        return self.captioner(tokens, h, self.pivot_embedding)

    def embed_pivot(self, tokens: Tensor) -> Tensor:
        """Pivot word ids (B, T) -> translator input (B, T, D): the captioner's output embedding itself, where tied."""
        embedding = self.pivot_embedding if self.shape.tied else self.source_embedding
        return embedding(tokens) * self.captioner.scale

    def nowhere(self, size: int) -> States | None:
        """The learned null scene for `size` sentences that have no picture."""
        if not self.shape.residual:
            return None
        mask = torch.ones(size, 1, dtype=torch.bool, device=self.null_scene.device)
        return States(self.null_scene.expand(size, 1, -1), mask)

    def without_scene(self, h: States, rows: Tensor) -> States:
        """`h` with the learned null state in place of the scenes of `rows` (B,) bool."""
        values = torch.where(rows[:, None, None], self.null_scene, h.values)
        first = torch.zeros_like(h.mask)
        first[:, 0] = True
        return States(values, torch.where(rows[:, None], first, h.mask))

    def syntax(self, syntax: SyntaxBatch, h: States | None, embedded: Tensor | None = None) -> States:
        """e of A.2, what the translator reads: (B, N, D). `embedded` replaces the embedded `syntax.tokens`."""
        r = self.sentence_encoder(syntax, self.embed_pivot(syntax.tokens) if embedded is None else embedded)
        return self.residual(r, h)

    def translate(self, tokens: Tensor, e: States) -> Tensor:
        """Eq. 4 under teacher forcing: prefix (B, T) -> logits (B, T, V) over the target words."""
        return self.translator(tokens, e, self.target_embedding)

    def scene_weights(self, tokens: Tensor, syntax: SyntaxBatch, h: States) -> Tensor:
        """How much each target word reads of each scene state: (B, T, M), rows sum to 1.

        Attention of the translator's decoder to e (prefix `tokens` (B, T)), times that of e to h in the residual.
        Raises ValueError for a model without residual, whose translator reads no scene.
        """
        if not self.shape.residual:
            raise ValueError("a model without residual translates without the scene; there are no weights over it")
        r = self.sentence_encoder(syntax, self.embed_pivot(syntax.tokens))
        words = self.translator.memory_weights(tokens, self.residual(r, h), self.target_embedding)
        return words @ self.residual.weights(r, h)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write `model.safetensors` and `config.json`; the folder appears whole or not at all."""
        save_weights(folder, self.shape, self.state_dict())

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Cross2StrA:
        """Read what `save_pretrained` wrote. Raises ValueError that names the folder and what does not fit."""
        return loaded(cls, folder)


def parts(model: nn.Module) -> dict[str, int]:
    """Trained numbers of each part of a network, by its name."""
    return {name: sum(p.numel() for p in child.parameters()) for name, child in model.named_children()}


def loaded(kind: Callable[[Shape], M], folder: str | Path) -> M:
    """A network of a folder with `model.safetensors` and `config.json`, on the default device."""

    def read() -> M:
        model = kind(Shape.model_validate(read_json(Path(folder) / "config.json")))
        load_weights(model, Path(folder) / "model.safetensors")
        return model

    return made_on_cpu(read)


def made_on_cpu(make: Callable[[], M]) -> M:
    """The network that `make` gives, on the default device; its random weights are the CPU's, so the same on any device."""
    with torch.device("cpu"):
        network = make()
    return network.to(torch.get_default_device())


def save_weights(folder: str | Path, shape: Shape, tensors: Mapping[str, Tensor]) -> None:
    """Write `model.safetensors` and `config.json`; the folder appears whole or not at all."""
    with replacing_folder(folder, "config.json") as temporary:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary / "model.safetensors")
        (temporary / "config.json").write_text(shape.model_dump_json(indent=1) + "\n", encoding="utf-8")


def load_weights(model: nn.Module, path: Path) -> None:
    """Load safetensors weights; buffers take the size of the file. Raises ValueError that names the file and what is wrong."""
    try:
        weights = load_file(path)
        for name, part in model.named_modules():
            if isinstance(part, WordDecoder):
                part.restrict(weights[f"{name}.output_words"])
        model.load_state_dict(weights)
    except (KeyError, IndexError, RuntimeError, SafetensorError) as error:
        raise ValueError(f"{path}: not the weights of this model ({error}); train it again") from error
