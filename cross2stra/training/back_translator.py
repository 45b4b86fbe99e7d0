"""The external target-to-pivot translator M of L_IPB: a transformers T5 with a sentencepiece vocabulary.

It is trained on the raw parallel text, cleaned but not filtered, and on denoising, so that it is external in what it
saw (docs/readings.md, 13); from random weights with pieces of its own, or from a pretrained T5 or mT5 with the pieces of that.
"""

from __future__ import annotations

import json
import shutil
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
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel, T5Config, T5ForConditionalGeneration
from transformers.optimization import Adafactor
from transformers.utils import cached_file

from cross2stra.configuration import BackTranslator as Settings
from cross2stra.data.files import replacing_folder
from cross2stra.model.batch import WHOLE, Share
from cross2stra.model.cross2stra import made_on_cpu

PAD, END, UNKNOWN = 0, 1, 2
PIECES = ("sentencepiece.model", "spiece.model")
"""Names of the sentencepiece model: ours, and that of published weights."""
HELD_OUT = 200
"""Sentence pairs kept from training, for the report."""
_LEAST_COVERAGE = 0.98


class BackTranslator:
    """M, ready to judge or to translate; its parameters are frozen."""

    def __init__(self, model: PreTrainedModel, pieces: sentencepiece.SentencePieceProcessor) -> None:
        self.model, self.pieces = model.eval().requires_grad_(False), pieces
        self.word_pieces: list[list[int]] = []
        self.word_means = torch.zeros(0, 0)

    @classmethod
    def load(cls, folder: str | Path) -> BackTranslator:
        """Read a folder with the weights of a T5 or mT5 and a sentencepiece model (one of PIECES)."""
        folder = Path(folder)
        found = next((folder / name for name in PIECES if (folder / name).exists()), None)
        if found is None:
            raise ValueError(
                f"{folder}: no sentencepiece.model; run `cross2stra train-back-translator` or give a T5 folder"
            )
        model = AutoModelForSeq2SeqLM.from_pretrained(folder, local_files_only=True)
        return cls(model, sentencepiece.SentencePieceProcessor(model_file=str(found)))

    def bind_vocabulary(self, words: Sequence[str]) -> None:
        """Map each of V target words to its pieces and to the mean of their embeddings, (V, D).

        `<eos>` too is spelt in pieces that mean nothing to the model: its share of a word's expected embedding is noise
        (docs/readings.md, 6).
        """
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
        last = self.pieces.get_piece_size()  # mT5 has more embeddings than pieces
        for start in range(0, len(sentences), 64):
            pieces = padded([[*self.pieces.encode(s), END] for s in sentences[start : start + 64]])
            output = self.model.generate(pieces, attention_mask=(pieces != PAD).long(), max_new_tokens=max_pieces)
            said += [self.pieces.decode([p for p in row if UNKNOWN < p < last]) for row in output.tolist()]
        return said


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(B, T) of piece ids, 0 pads."""
    table = np.full((len(rows), max(map(len, rows))), PAD, dtype=np.int64)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = row
    return torch.as_tensor(table)


def train_back_translator(settings: Settings, pairs: Sequence[tuple[str, str]], output: Path, seed: int = 1) -> None:
    """Train M on (target, pivot) tokenised sentences and write `output`: T5, sentencepiece model, report.json.

    It begins at the weights that `settings.folder` names, with their pieces, or at random ones; without updates it stays
    there. Every fourth update denoises: a pivot sentence is read with a fifth of its pieces dropped. On the default device.

    Raises ValueError where there are too few pairs, or the weights cannot be had or are those of another model.
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
    with replacing_folder(output, "config.json") as temporary:
        pieces = _sentencepiece(train, settings, temporary / PIECES[0])
        model = made_on_cpu(lambda: _network(settings, pieces.get_piece_size()))
        if settings.updates:
            _updates(model, pieces, train, settings, rng)
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
    pairs: Sequence[tuple[str, str]], settings: Settings, path: Path
) -> sentencepiece.SentencePieceProcessor:
    """The pieces of the pretrained weights, or learnt from the pairs; written to `path`."""
    if not settings.folder:
        _learn_pieces(pairs, settings, path)
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    found = next(filter(None, (_file_of(settings.folder, name) for name in PIECES)), None)
    if found is None:
        raise ValueError(
            f"back_translator.folder: expected a folder, or a name that can be fetched, of a T5 or mT5 with {' or '.join(PIECES)}; "
            f"{settings.folder} has none; give another, or leave it empty to train from random weights"
        )
    shutil.copyfile(found, path)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
    if (pieces.pad_id(), pieces.eos_id(), pieces.unk_id()) != (PAD, END, UNKNOWN):
        raise ValueError(f"{found}: expected T5's pieces: <pad> {PAD}, </s> {END}, <unk> {UNKNOWN}; give those of a T5")
    return pieces


def _file_of(name: str, file: str) -> str | None:
    try:
        return cached_file(name, file)
    except OSError:  # no such file, folder or model, or no network
        return None


def _learn_pieces(pairs: Sequence[tuple[str, str]], settings: Settings, path: Path) -> None:
    sentences = (sentence for pair in pairs for sentence in pair)
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


def _network(settings: Settings, pieces: int) -> PreTrainedModel:
    if settings.folder:
        try:
            model = AutoModelForSeq2SeqLM.from_pretrained(settings.folder)
        except (OSError, ValueError) as error:
            said = str(error).partition("\n")[0]
            raise ValueError(
                f"back_translator.folder: {settings.folder} has no weights of a T5 or mT5 ({said})"
            ) from error
        if model.get_input_embeddings().num_embeddings < pieces:
            had = model.get_input_embeddings().num_embeddings
            raise ValueError(
                f"back_translator.folder: {settings.folder}: {had} embeddings, but {pieces} pieces; get both from one release"
            )
        return model
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
    model: PreTrainedModel,
    pieces: sentencepiece.SentencePieceProcessor,
    pairs: Sequence[tuple[str, str]],
    settings: Settings,
    rng: np.random.Generator,
) -> None:
    # T5's embeddings begin at standard deviation 1: steps have to be relative to a weight's size, or they hardly move.
    optimizer = Adafactor(model.parameters(), lr=settings.learning_rate, relative_step=False, warmup_init=False)
    warm_up = max(1, settings.updates // 10)
    model.train()
    began = said = time.monotonic()
    for step in range(settings.updates):
        # Cut when they are drawn: the pieces of a whole corpus would be tens of GB.
        drawn = [pairs[i] for i in rng.integers(len(pairs), size=settings.batch)]
        targets = [pieces.encode(target) for _, target in drawn]
        if step % 4 == 3:
            read = [[p for p in target if rng.random() > 0.2] for target in targets]
        else:
            read = [pieces.encode(source) for source, _ in drawn]
        ids, labels = (padded([[*row, END] for row in rows]) for rows in (read, targets))
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min((step + 1) / warm_up, (warm_up / (step + 1)) ** 0.5)
        loss = model(
            input_ids=ids, attention_mask=(ids != PAD).long(), labels=labels.masked_fill(labels == PAD, -100)
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
