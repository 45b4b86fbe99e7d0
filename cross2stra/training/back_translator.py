"""The external target-to-pivot translator M of L_IPB: a transformers T5 with a sentencepiece vocabulary of its own.

It is trained on the raw parallel text, cleaned but not filtered, and on denoising, so that it is external in what it
saw (READINGS 13); a folder of published weights takes its place where there is one.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sacrebleu
import sentencepiece
import torch
from torch import Tensor
from transformers import T5Config, T5ForConditionalGeneration
from transformers.optimization import Adafactor

from cross2stra.configuration import BackTranslator as Settings
from cross2stra.data.files import replacing
from cross2stra.model.batch import WHOLE, Share

PAD, END, UNKNOWN = 0, 1, 2
HELD_OUT = 200
"""Sentence pairs kept from training, for the report."""
_LEAST_COVERAGE = 0.98


class BackTranslator:
    """M, ready to judge or to translate; its parameters are frozen."""

    def __init__(self, model: T5ForConditionalGeneration, pieces: sentencepiece.SentencePieceProcessor) -> None:
        self.model, self.pieces = model.eval().requires_grad_(False), pieces
        self.word_pieces: list[list[int]] = []
        self.word_means = torch.zeros(0, 0)

    @classmethod
    def load(cls, folder: str | Path) -> BackTranslator:
        """Read a folder with T5 weights and `sentencepiece.model` (or `spiece.model`, as published ones name it)."""
        folder = Path(folder)
        found = next((folder / n for n in ("sentencepiece.model", "spiece.model") if (folder / n).exists()), None)
        if found is None:
            raise ValueError(
                f"{folder}: no sentencepiece.model; run `cross2stra train-back-translator` or give a T5 folder"
            )
        model = T5ForConditionalGeneration.from_pretrained(folder, local_files_only=True)
        return cls(model, sentencepiece.SentencePieceProcessor(model_file=str(found)))

    def bind_vocabulary(self, words: Sequence[str]) -> None:
        """Map each of V target words to its pieces and to the mean of their embeddings, (V, D)."""
        self.word_pieces = [self.pieces.encode(word) or [UNKNOWN] for word in words]
        table = self.model.get_input_embeddings().weight
        self.word_means = torch.stack([table[pieces].mean(0) for pieces in self.word_pieces])

    def negative_log_likelihood(
        self,
        word_ids: Tensor,
        one_hot: Tensor,
        word_mask: Tensor,
        pivot_sentences: Sequence[str],
        share: Share = WHOLE,
    ) -> Tensor:
        """Mean loss a piece of the gold pivot sentences given target sentences, ().

        `word_ids`: (b, T) words of the bound vocabulary; `one_hot`: (b, T, V) their straight-through one-hots;
        `word_mask`: (b, T); `pivot_sentences`: those of the whole batch, of which `share` has b. The value is that of the
        words' own pieces. The gradient reaches `one_hot` through the mean piece embedding of every word, added to each
        piece of the word.
        """
        sources, owners = [], []
        for row, mask in zip(word_ids.tolist(), word_mask.tolist(), strict=True):
            kept = [
                (position, piece)
                for position, word in enumerate(row)
                if mask[position]
                for piece in self.word_pieces[word]
            ]
            sources.append([piece for _, piece in kept] + [END])
            owners.append([position for position, _ in kept])
        pieces = padded(sources)
        embedded = self.model.get_input_embeddings()(pieces)
        slope = (one_hot - one_hot.detach()) @ self.word_means  # (B, T, D), zero in value
        owner = torch.zeros_like(pieces)
        own = torch.zeros_like(pieces, dtype=torch.bool)
        for row_index, positions in enumerate(owners):
            owner[row_index, : len(positions)] = torch.tensor(positions, dtype=torch.long)
            own[row_index, : len(positions)] = True
        moved = slope.gather(1, owner[..., None].expand(-1, -1, slope.shape[-1])) * own[..., None]
        whole = padded([[*self.pieces.encode(sentence), END] for sentence in pivot_sentences])
        labels = share.rows(whole)
        loss = self.model(
            inputs_embeds=embedded + moved,
            attention_mask=(pieces != PAD).long(),
            labels=labels.masked_fill(labels == PAD, -100),
        ).loss
        return share.mean(loss, (labels != PAD).sum(), (whole != PAD).sum())

    @torch.no_grad()
    def translate(self, sentences: Sequence[str], max_pieces: int = 48) -> list[str]:
        """Greedy translations of tokenised target sentences into tokenised pivot sentences."""
        said: list[str] = []
        for start in range(0, len(sentences), 64):
            pieces = padded([[*self.pieces.encode(s), END] for s in sentences[start : start + 64]])
            output = self.model.generate(pieces, attention_mask=(pieces != PAD).long(), max_new_tokens=max_pieces)
            said += [self.pieces.decode([p for p in row if p > UNKNOWN]) for row in output.tolist()]
        return said


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, T) of piece ids, 0 pads."""
    table = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return torch.as_tensor(table)


def train_back_translator(settings: Settings, pairs: Sequence[tuple[str, str]], output: Path, seed: int = 1) -> None:
    """Train M on (target, pivot) tokenised sentences and write `output`: T5, sentencepiece model, report.json.

    Every fourth update denoises: a pivot sentence is read with a fifth of its pieces dropped.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 11])
    order = rng.permutation(len(pairs))
    held_out = [pairs[i] for i in order[:HELD_OUT]]
    known = {text for pair in held_out for text in pair}
    # A free translation of a held-out text is none.
    train = [pairs[i] for i in order[HELD_OUT:] if known.isdisjoint(pairs[i])]
    if not train:
        raise ValueError(f"{len(pairs)} clean sentence pairs: more than {HELD_OUT} are needed; give more parallel text")
    with replacing(output) as temporary:
        temporary.mkdir()
        pieces = _sentencepiece(train, settings, temporary)
        model = _network(settings, pieces.get_piece_size())
        sources = [[*pieces.encode(source), END] for source, _ in train]
        targets = [[*pieces.encode(target), END] for _, target in train]
        _updates(model, sources, targets, settings, rng)
        model.save_pretrained(temporary)
        translator = BackTranslator(model, pieces)
        said = translator.translate([source for source, _ in held_out])
        gold = [[target for _, target in held_out]]
        bleu = sacrebleu.corpus_bleu(said, gold, tokenize="none").score
        chrf = sacrebleu.corpus_chrf(said, gold).score
        report = {
            "pairs": len(train),
            "held_out": len(held_out),
            "bleu_on_held_out": round(bleu, 2),
            "chrf_on_held_out": round(chrf, 2),
            "updates": settings.updates,
        }
        (temporary / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(
        f"[back-translator] BLEU {bleu:.1f}, chrF {chrf:.1f} on {len(held_out)} held-out pairs",
        file=sys.stderr,
        flush=True,
    )


def _sentencepiece(
    pairs: Sequence[tuple[str, str]], settings: Settings, folder: Path
) -> sentencepiece.SentencePieceProcessor:
    sentences = (sentence for pair in pairs for sentence in pair)
    path = folder / "sentencepiece.model"
    coverage, size = _coverage(pairs, settings.pieces)
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=sentences,
            model_writer=file,
            vocab_size=size,
            hard_vocab_limit=False,
            character_coverage=coverage,
            pad_id=PAD,
            eos_id=END,
            unk_id=UNKNOWN,
            bos_id=-1,
            num_threads=1,
            minloglevel=2,
        )
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def _coverage(pairs: Sequence[tuple[str, str]], pieces: int) -> tuple[float, int]:
    """Share of the text that its characters must cover, and the vocabulary's size: `pieces`, or more where it must.

    Sentencepiece refuses a vocabulary smaller than the characters to cover, and a share below 0.98. Rare characters are
    left out where all of them would take more than half of the pieces.
    """
    counts = Counter(character for pair in pairs for sentence in pair for character in sentence if character != " ")
    total, seen = max(counts.total(), 1), 0
    for kept, (_, count) in enumerate(counts.most_common(), 1):
        seen += count
        if seen / total >= _LEAST_COVERAGE and kept >= pieces // 2:
            break
    else:
        kept, seen = len(counts), total
    return max(_LEAST_COVERAGE, seen / total), max(pieces, kept + 100)


def _network(settings: Settings, pieces: int) -> T5ForConditionalGeneration:
    width = settings.d_model
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=pieces,
            d_model=width,
            d_kv=width // 4,
            d_ff=2 * width,
            num_layers=settings.layers,
            num_heads=4,
            dropout_rate=0.0,  # the text is read two or three times
            pad_token_id=PAD,
            eos_token_id=END,
            decoder_start_token_id=PAD,
            initializer_factor=1.0,
        )
    )


def _updates(
    model: T5ForConditionalGeneration,
    sources: list[list[int]],
    targets: list[list[int]],
    settings: Settings,
    rng: np.random.Generator,
) -> None:
    # T5's embeddings begin at standard deviation 1: steps have to be relative to a weight's size, or they hardly move.
    optimizer = Adafactor(model.parameters(), lr=settings.learning_rate, relative_step=False, warmup_init=False)
    warm_up = max(1, settings.updates // 10)
    model.train()
    began = said = time.monotonic()
    for step in range(settings.updates):
        rows = rng.integers(len(sources), size=settings.batch)
        if step % 4 == 3:
            read = [[p for p in targets[i][:-1] if rng.random() > 0.2] + [END] for i in rows]
        else:
            read = [sources[i] for i in rows]
        pieces, labels = padded(read), padded([targets[i] for i in rows])
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min((step + 1) / warm_up, (warm_up / (step + 1)) ** 0.5)
        loss = model(
            input_ids=pieces, attention_mask=(pieces != PAD).long(), labels=labels.masked_fill(labels == PAD, -100)
        ).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        now = time.monotonic()
        if now - said > 5 or step + 1 == settings.updates:
            said = now
            left = (now - began) / (step + 1) * (settings.updates - step - 1)
            progress = f"[back-translator] step {step + 1}/{settings.updates} loss {float(loss.detach()):.3f}"
            print(f"{progress}, {left:.0f} s left", file=sys.stderr, flush=True)
