"""Back-translation over the whole captioner: L_IPB (Eq. 9) and L_PTB (Eq. 10), as docs/readings.md, 6 to 8 read them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cross2stra.data.vocabulary import EOS, PAD
from cross2stra.model.batch import WHOLE, SceneBatch, Share, States, SyntaxBatch
from cross2stra.model.cross2stra import Cross2StrA
from cross2stra.model.decoding import as_drawn, sample
from cross2stra.training.back_translator import BackTranslator
from cross2stra.training.examples import prefixes
from cross2stra.training.objectives import straight_through, word_loss


def pivot_states(model: Cross2StrA, h: States, words: Tensor, syntax: SyntaxBatch) -> States:
    """e for the model's own pivot captions: `words` (B, T) decoded before, <eos> included, `syntax` their trees.

    The tree and the forward value are those of the decoded words. The gradient of a word's embedding is given twice: to the
    embedding's row of the decoded word, and to p E, the expected embedding under the captioner, so to its p (from there to
    the captioner, to h, and to E as its input and output) and to every row of E that it can say, times p. It reaches h by
    the residual too (docs/readings.md, 7).
    """
    logits = model.caption(prefixes(words), h)
    expected = logits.softmax(-1) @ model.pivot_embedding.weight[model.captioner.output_words] * model.captioner.scale
    length = syntax.tokens.shape[1]
    hard = model.embed_pivot(syntax.tokens)
    expected = functional.pad(expected[:, :length], (0, 0, 0, max(0, length - expected.shape[1])))
    real = (syntax.tokens > PAD).unsqueeze(-1)
    embedded = straight_through(hard, expected * real)
    return model.syntax(syntax, h, embedded)


def image_to_pivot_loss(
    model: Cross2StrA,
    back_translator: BackTranslator,
    scene: SceneBatch,
    words: Tensor,
    syntax: SyntaxBatch,
    gold: Sequence[str],
    max_tokens: int,
    temperature: float,
    generator: torch.Generator,
    share: Share = WHOLE,
) -> Tensor:
    """L_IPB (Eq. 9): picture -> pivot caption -> drawn target caption -> M's loss on the gold pivot caption, ().

    The target caption enters M as a straight-through Gumbel-softmax; M is frozen. `words`, `syntax`: the captioner's
    pivot captions of these pictures. `gold`: the tokenised pivot captions of the whole batch, of which `share` is here.
    """
    decoder = model.translator
    e = pivot_states(model, model.scene(scene), words, syntax)
    drawn = sample(decoder, model.target_embedding, States(e.values.detach(), e.mask), max_tokens, generator, share)
    scores = as_drawn(model.translate(prefixes(drawn.tokens), e).log_softmax(-1), decoder)
    soft = ((scores + drawn.noise) / temperature).softmax(-1)
    mask = (drawn.tokens != PAD) & (drawn.tokens != EOS)
    chosen = torch.where(mask, decoder.output_index[drawn.tokens], 0)
    one_hot = straight_through(functional.one_hot(chosen, soft.shape[-1]).to(soft), soft)
    return back_translator.negative_log_likelihood(chosen, one_hot, mask, gold, share)


def pivot_to_target_loss(
    model: Cross2StrA,
    scene: SceneBatch,
    words: Tensor,
    syntax: SyntaxBatch,
    target: Tensor,
    smoothing: float,
    share: Share = WHOLE,
) -> Tensor:
    """L_PTB (Eq. 10): generated scene of a pivot sentence -> pivot caption -> loss of the gold target sentence, ().

    `words`, `syntax`: the captioner's pivot captions of the generated scenes. `target`: (B, T) gold words with <eos>
    of the whole batch, of which `share` is here.
    """
    e = pivot_states(model, model.scene(scene), words, syntax)
    logits = model.translate(prefixes(share.rows(target)), e)
    return word_loss(logits, target, model.translator.output_index, smoothing, share=share)
