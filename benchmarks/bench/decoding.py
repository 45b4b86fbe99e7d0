"""Captions by a beam of five: ours, and transformers' `generate` on the very same weights, in Pegasus' decoder."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from harness import Case
from transformers import PegasusConfig, PegasusForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from cross2stra.configuration import Model
from cross2stra.data.vocabulary import BOS, EOS, MASK, PAD, UNK
from cross2stra.model.batch import States
from cross2stra.model.cross2stra import WordDecoder
from cross2stra.model.decoding import beam_search
from cross2stra.model.layers import Attention, sinusoids

MOST, BEAM = 20, 5


def same_weights(decoder: WordDecoder, embedding: torch.nn.Embedding, model: Model) -> PegasusForConditionalGeneration:
    """Pegasus with our decoder's weights: layer norm first, sinusoids, scaled and tied embeddings, as ours."""
    words = embedding.num_embeddings
    peer = PegasusForConditionalGeneration(
        PegasusConfig(
            vocab_size=words, d_model=model.d_model, encoder_layers=1, decoder_layers=model.decoder_layers,
            decoder_attention_heads=model.heads, encoder_attention_heads=model.heads,
            decoder_ffn_dim=model.feed_forward, encoder_ffn_dim=8, activation_function="relu", scale_embedding=True,
            max_position_embeddings=64, pad_token_id=PAD, eos_token_id=EOS, bos_token_id=BOS,
            decoder_start_token_id=BOS, forced_eos_token_id=None, dropout=0.0, attention_dropout=0.0,
        )
    ).eval()  # fmt: skip
    with torch.no_grad():
        peer.model.shared.weight.copy_(embedding.weight)
        peer.final_logits_bias.zero_()
        peer.final_logits_bias[0, [PAD, BOS, MASK]] = -1e9
        peer.model.decoder.embed_positions.weight.copy_(sinusoids(64, model.d_model))
        _copy(peer.model.decoder.layer_norm, decoder.decoder.norm)
        for theirs, own in zip(peer.model.decoder.layers, decoder.decoder.stack, strict=True):
            for name, attention in (("self_attn", own.self_attention), ("encoder_attn", own.memory_attention)):
                _attention(getattr(theirs, name), attention)
            for name, norm in zip(
                ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"), own.norms, strict=True
            ):
                _copy(getattr(theirs, name), norm)
            _copy(theirs.fc1, own.feed_forward[0])
            _copy(theirs.fc2, own.feed_forward[2])
    return peer


def _copy(theirs: torch.nn.Module, own: torch.nn.Module) -> None:
    theirs.load_state_dict(own.state_dict())


def _attention(theirs: torch.nn.Module, own: Attention) -> None:
    _copy(theirs.q_proj, own.query)
    _copy(theirs.out_proj, own.output)
    for number, name in enumerate(("k_proj", "v_proj")):
        part = getattr(theirs, name)
        part.weight.copy_(own.key_value.weight.chunk(2)[number])
        part.bias.copy_(own.key_value.bias.chunk(2)[number])


def cases() -> Iterator[Case]:
    """A batch of 64 memories, widths of `study` and of `paper`."""
    for model in (
        Model(d_model=128, heads=4, decoder_layers=2, feed_forward=256, dropout=0.0),
        Model(d_model=512, heads=8, decoder_layers=6, feed_forward=2048, dropout=0.0),
    ):
        torch.manual_seed(1)
        decoder = WordDecoder(model, 1500).eval()
        embedding = torch.nn.Embedding(1500, model.d_model)
        torch.nn.init.normal_(embedding.weight, std=3 * model.d_model**-0.5)
        embedding.weight.data[EOS] *= 2
        memory = States(torch.randn(64, 20, model.d_model), torch.ones(64, 20, dtype=torch.bool))
        peer = same_weights(decoder, embedding, model)

        def ours(decoder=decoder, embedding=embedding, memory=memory) -> list[list[int]]:  # type: ignore[no-untyped-def]
            return beam_search(decoder, embedding, memory, MOST, BEAM)

        def theirs(peer=peer, memory=memory) -> list[list[int]]:  # type: ignore[no-untyped-def]
            said = peer.generate(
                encoder_outputs=BaseModelOutput(memory.values), attention_mask=memory.mask.long(), num_beams=BEAM,
                max_new_tokens=MOST, min_new_tokens=1, suppress_tokens=[UNK], early_stopping=True, length_penalty=1.0,
                do_sample=False,
            )  # fmt: skip
            rows = [row[1:] for row in said.tolist()]
            return [row[: row.index(EOS)] if EOS in row else [word for word in row if word != PAD] for row in rows]

        yield Case(
            f"captions by beam 5, d {model.d_model}",
            "transformers generate",
            ">= 2",
            ours,
            theirs,
            lambda own, other: (
                "" if own == other else f"{sum(a != b for a, b in zip(own, other, strict=True))} of 64 captions"
            ),
            rounds=5,
        )
