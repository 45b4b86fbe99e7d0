"""SSR: rewards prefer what is fluent and true of the picture, REINFORCE follows them, and without it EarlyTranslation is left."""

import numpy as np
import pytest
import torch

from cross2stra.configuration import Model, Rewards
from cross2stra.data.vocabulary import EOS
from cross2stra.model.cross2stra import Shape
from cross2stra.model.decoding import as_drawn, greedy
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.graph import GraphBuilder
from cross2stra.systems import reward_models, rewards
from cross2stra.systems.early import EarlyStage
from cross2stra.systems.reward_models import (
    Matcher,
    SentenceModel,
    frequent_concepts,
    matching_loss,
    train_matcher,
    train_sentence_model,
)
from cross2stra.systems.rewards import RewardStage, SelfSupervisedReward, reinforced_loss
from cross2stra.training.examples import collate_scenes, collate_words, encode_scene, prefixes


@pytest.fixture
def reward(data, profile, shape) -> SelfSupervisedReward:
    settings = profile.compared.rewards
    words, picture = data.pairs.target_words, data.captions.picture
    return SelfSupervisedReward(
        train_sentence_model(words, shape.target_words, settings, 1),
        train_matcher(data.pictures, words, picture, shape, settings, 1),
        settings,
    )


def test_concepts_are_words_that_tell_pictures_apart() -> None:
    captions = [np.array([5, 6 + i % 5]) for i in range(10)]
    assert frequent_concepts(captions, np.arange(10), 9).tolist() == [6, 7, 8, 9, 10]
    assert frequent_concepts(captions, np.arange(10), 2).tolist() == [6, 7]
    assert frequent_concepts([np.array([5])] * 10, np.arange(10), 9).tolist() == [5]
    with pytest.raises(ValueError, match="no words"):
        frequent_concepts([np.array([3])] * 10, np.arange(10), 9)


def test_matching_loss_by_hand() -> None:
    pictures = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    sentences = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]])
    # Rows 0 and 2 are of one picture, so that only row 1 is a negative of theirs.
    origin = torch.tensor([4, 7, 4])
    of_picture = [max(0, 0.2 + 0.8 - 1.0), 0.2 + 0.8 - 0.6, 0.2 + 0.96 - 1.0]
    of_sentence = [max(0, 0.2 + 0.0 - 1.0), 0.2 + 0.96 - 0.6, max(0, 0.2 + 0.8 - 1.0)]
    expected = torch.tensor(of_picture).add(torch.tensor(of_sentence)).mean()
    torch.testing.assert_close(matching_loss(pictures, sentences, origin, 0.2, hardest=True), expected)


def test_matching_loss_against_all_others_by_hand() -> None:
    pictures = sentences = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [0.8, 0.6]])
    origin = torch.tensor([4, 7, 4, 9])
    # Cosines above 1 - 0.2 cost what they exceed it by: rows 1 and 2, 0.8; 2 and 3, 0.96; 0 and 3, 0.8; 0 and 2 are one picture.
    summed = torch.tensor([0.0, 0.0, 0.16, 0.16])
    torch.testing.assert_close(matching_loss(pictures, sentences, origin, 0.2, hardest=False), 2 * summed.mean())
    wider = torch.tensor([0.1, 0.1, 0.1 + 0.26, 0.26 + 0.1])  # margin 0.3
    torch.testing.assert_close(matching_loss(pictures, sentences, origin, 0.3, hardest=False), 2 * wider.mean())


def test_rewards_prefer_the_true_and_the_fluent_sentence(data, reward: SelfSupervisedReward) -> None:
    scene = reward.matcher.pictures(collate_scenes(data.pictures[:4], visual=True))
    words = data.pairs.target_words[:4]
    true, parts = reward(scene, collate_words(words, 9))
    other, others = reward(scene, collate_words([words[3], words[2], words[1], words[0]], 9))
    mixed, mixes = reward(scene, collate_words([sentence[::-1].copy() for sentence in words], 9))
    assert parts["reward_sentence"] > others["reward_sentence"]
    assert parts["reward_concept"] > others["reward_concept"]
    assert parts["reward_fluency"] > mixes["reward_fluency"]
    assert (true > other).all()
    assert (true > mixed).all()


def test_a_reward_that_sees_no_picture_prefers_half_of_the_time(data, reward: SelfSupervisedReward) -> None:
    scene, words = collate_scenes(data.pictures[:4], visual=True), data.pairs.target_words
    own = collate_words(words[:4], 9)
    others = collate_words([words[3], words[2], words[1], words[0]], 9)
    assert reward.preferred(reward.matcher.pictures(scene), own, others) == {
        "preferred_sentence": 100.0,
        "preferred_concept": 100.0,
    }
    assert set(reward.preferred(reward.matcher.pictures(scene), own, own).values()) == {50.0}
    assert set(reward.preferred(reward.matcher.pictures(scene), others, own).values()) == {0.0}


def test_the_matcher_does_not_draw_everything_into_one_point(shape: Shape) -> None:
    """Three of sixty things in each of 800 pictures, two of them said; judged by pictures that it did not learn from.

    From the hardest others alone it prefers a picture's own sentence in 61 % here, its concepts in 57 %.
    """
    rng, names = np.random.default_rng(0), [f"thing{i}" for i in range(60)]
    index = {name: 10 + i for i, name in enumerate(names)}
    pictures, captions = [], []
    for _ in range(800):
        shown, builder = rng.choice(names, 3, replace=False).tolist(), GraphBuilder()
        for name in shown:
            builder.add_object(name, (1, 1, 4, 4))
        pictures.append(encode_scene(builder.build((10, 10)), index, 0))
        captions.append(np.array([5, index[shown[0]], 6, 5, index[shown[1]], 7, EOS]))
    wide = shape.model_copy(update={"pivot_words": 70, "target_words": 70, "model": Model(d_model=128)})
    settings, learnt = Rewards(updates=200), 700
    matcher = train_matcher(pictures[:learnt], captions[:learnt], np.arange(learnt), wide, settings, 1)
    reward, own = SelfSupervisedReward(SentenceModel(70, 4), matcher, settings), captions[learnt:]
    with torch.no_grad():
        seen = matcher.pictures(collate_scenes(pictures[learnt:], visual=True))
    found = reward.preferred(seen, collate_words(own, 9), collate_words([*own[50:], *own[:50]], 9))
    assert min(found.values()) > 90, found


def test_reward_is_the_weighted_sum(data, reward: SelfSupervisedReward) -> None:
    scene, words = collate_scenes(data.pictures[:4], visual=True), collate_words(data.pairs.target_words[:4], 9)
    total, parts = reward(reward.matcher.pictures(scene), words)
    settings = reward.settings
    expected = sum(getattr(settings, name) * parts[f"reward_{name}"] for name in ("fluency", "sentence", "concept"))
    assert total.mean().item() == pytest.approx(expected, abs=1e-5)


def test_reinforced_loss_is_the_policy_gradient() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 4, requires_grad=True)
    words, drawn = torch.tensor([[6, 7, 2], [7, 2, 0]]), torch.tensor([[1, 3, 0], [3, 0, 0]])
    advantage = torch.tensor([0.5, -2.0])
    reinforced_loss(logits.log_softmax(-1).gather(-1, drawn[..., None]).squeeze(-1), words, advantage).backward()
    # d(-log p)/d logits = p - onehot, times (r - r_greedy), over 5 drawn words; nothing from padding.
    expected = logits.detach().softmax(-1) - torch.nn.functional.one_hot(drawn, 4)
    expected = expected * advantage[:, None, None] / 5
    expected[1, 2] = 0
    torch.testing.assert_close(logits.grad, expected)


def test_without_a_share_it_is_early_translation(captioner, data, profile, plan) -> None:
    off = profile.compared.rewards.model_copy(update={"share": 0.0})
    profile = profile.model_copy(update={"compared": profile.compared.model_copy(update={"rewards": off})})
    early = EarlyStage(captioner, data, data.pairs.target_words, profile, plan)
    rewarded = RewardStage(captioner, data, data.pairs.target_words, profile, plan)
    for step in (0, plan.updates - 1):
        losses, _ = rewarded.losses(step)
        assert set(losses) == {"cap"}
        torch.testing.assert_close(losses["cap"][1], early.losses(step)[0]["cap"][1])


def test_reinforcement_raises_the_reward(captioner, data, profile, plan) -> None:
    stage = RewardStage(captioner, data, data.pairs.target_words, profile, plan)
    optimizer = torch.optim.Adam(captioner.parameters(), 5e-3)
    seen = []
    for step in range(60):
        torch.manual_seed(step)
        losses, numbers = stage.losses(plan.updates - 1 if step >= 10 else 0)
        if step >= 10:
            seen.append(sum(numbers[f"reward_{name}"] for name in ("sentence", "concept")))
        optimizer.zero_grad()
        sum(weight * value for weight, value in losses.values()).backward()
        optimizer.step()
    assert np.mean(seen[-10:]) > np.mean(seen[:10]) + 0.1


def test_the_advantage_is_over_the_greedy_sentence(captioner, data, profile, plan) -> None:
    stage, judged = RewardStage(captioner, data, data.pairs.target_words, profile, plan), []

    def reward(seen, words):
        judged.append(words)
        return torch.full((len(words),), 3.0 if len(judged) == 1 else 1.0), {}

    reward.matcher = stage.reward.matcher
    stage.reward = reward
    step = plan.updates - 1
    assert stage.losses(step)[1]["advantage"] == 2.0
    captioner.eval()
    h = captioner.scene(stage.scenes(stage.rows(step)))
    best = greedy(captioner.captioner, captioner.target_embedding, h, profile.decoding.max_tokens)
    assert torch.equal(judged[1], collate_words([np.asarray(words) for words in best], profile.decoding.max_tokens))


def test_sentences_are_rewarded_for_their_own_picture_and_said_without_dropout(data, profile, plan, shape) -> None:
    """The reinforced loss of an update by hand, and its gradient, which reaches the scene encoder too."""
    torch.manual_seed(0)
    captioner = TargetCaptioner(shape.model_copy(update={"model": shape.model.model_copy(update={"dropout": 0.5})}))
    stage, judged = RewardStage(captioner, data, data.pairs.target_words, profile, plan), []
    reward = stage.reward

    def watched(seen, words):
        judged.append((seen, words, reward(seen, words)[0]))
        return judged[-1][2], {}

    watched.matcher = reward.matcher
    stage.reward, step = watched, plan.updates - 1
    losses, _ = stage.losses(step)
    assert {name: weight for name, (weight, _) in losses.items()} == {
        "cap": profile.compared.rewards.cross_entropy,
        "reinforce": 1.0,
    }
    scene = stage.scenes(stage.rows(step))
    (seen, drawn, rewards), (seen_again, _, baseline) = judged
    for found in (seen, seen_again):
        for one, other in zip(found, reward.matcher.pictures(scene), strict=True):
            torch.testing.assert_close(one, other)

    captioner.eval()
    h = captioner.scene(scene)
    scores = as_drawn(captioner.caption(prefixes(drawn), h), captioner.captioner).log_softmax(-1)
    said = scores.gather(-1, captioner.captioner.output_index[drawn].clamp(min=0)[..., None]).squeeze(-1)
    expected = reinforced_loss(said, drawn, rewards - baseline)
    torch.testing.assert_close(losses["reinforce"][1], expected)
    read = list(captioner.scene_encoder.picture.parameters())
    torch.testing.assert_close(torch.autograd.grad(losses["reinforce"][1], read), torch.autograd.grad(expected, read))


@torch.no_grad()
def test_fluency_is_the_mean_log_probability_of_a_sentence_s_words_and_its_end() -> None:
    torch.manual_seed(0)
    model, words = SentenceModel(9, 8), torch.tensor([[5, 6, 2], [7, 2, 0]])
    for row, length in ((0, 3), (1, 2)):
        states, _ = model.network(model.embedding(torch.tensor([[1, *words[row, : length - 1].tolist()]])))
        scores = model.output(states[0]).log_softmax(-1)[torch.arange(length), words[row, :length]]
        assert float(model(words)[row]) == pytest.approx(float(scores.mean()), rel=1e-5)


def test_concept_reward_is_the_mean_over_the_concepts_that_are_said(data, profile, shape) -> None:
    torch.manual_seed(0)
    settings = profile.compared.rewards
    matcher = Matcher(shape, 4, torch.tensor([6, 7, 9]))
    reward = SelfSupervisedReward(SentenceModel(len(data.vocabulary.target), 4), matcher, settings)
    words = torch.tensor([[6, 9, 6, 2], [5, 7, 2, 0], [5, 2, 0, 0]])
    vectors, likely = torch.nn.functional.normalize(torch.randn(3, 4), dim=-1), torch.tensor([0.0, 1.0, 2.0])
    total, _ = reward((vectors, likely.repeat(3, 1)), words)
    rest = settings.fluency * reward.language_model(words)
    rest = rest + settings.sentence * (vectors * matcher.sentences(words)).sum(-1)
    first, second, third = likely.sigmoid().tolist()
    torch.testing.assert_close(total - rest, settings.concept * torch.tensor([(first + third) / 2, second, 0.0]))


def test_the_matcher_is_judged_by_pictures_that_it_did_not_learn_from(
    captioner, data, profile, plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewards, "_HELD_OUT", 3)
    learnt, train = [], rewards.train_matcher
    monkeypatch.setattr(
        rewards,
        "train_matcher",
        lambda scenes, said, picture, *rest: learnt.extend(picture) or train(scenes, said, picture, *rest),
    )
    captions = data.pairs.target_words
    stage = RewardStage(captioner, data, captions, profile, plan)
    assert learnt == [0, 1, 3, 4, 6, 7]
    with torch.no_grad():
        seen = stage.reward.matcher.pictures(collate_scenes([data.pictures[i] for i in (2, 5)], visual=True))
    own, other = (collate_words([captions[i] for i in some], 20) for some in ((2, 5), (5, 2)))
    assert stage.account == stage.reward.preferred(seen, own, other)


def test_the_matcher_meets_all_others_first_and_then_the_hardest(
    data, profile, shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, loss = [], reward_models.matching_loss
    monkeypatch.setattr(reward_models, "matching_loss", lambda *given: seen.append(given) or loss(*given))
    settings = profile.compared.rewards.model_copy(update={"updates": 4})
    picture = np.array([0, 0, 2, 3, 4, 5, 6, 7])
    train_matcher(data.pictures, data.pairs.target_words, picture, shape, settings, 1)
    assert [given[-1] for given in seen] == [False, False, True, True]
    assert all(set(given[2].tolist()) <= set(picture.tolist()) for given in seen)  # the picture, not the row
