"""L_Cap, L_Tran (Eq. 5, 6) and the alignment losses (Eq. 7, 8, A.3) against slow, obvious formulas."""

import math

import pytest
import torch

from cross2stra.configuration import Alignment
from cross2stra.model.batch import Share
from cross2stra.training.objectives import Side, contrast, straight_through, word_loss

PAIR_A = torch.tensor([0, 0, 0, 1, 1, 2])
PAIR_B = torch.tensor([0, 0, 1, 1, 1, 2, 2])
ORIGIN = torch.tensor([7, 8, 7])  # pairs 0 and 2 are two captions of one picture


def states() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(3)
    return torch.randn(6, 4, dtype=torch.double), torch.randn(7, 4, dtype=torch.double)


def brute_force(a: torch.Tensor, b: torch.Tensor, threshold: float, most: int, t: float) -> float:
    """Reading 5, written as loops; the anchors are a's nodes, then b's, and the two means are averaged."""

    def cos(x: torch.Tensor, y: torch.Tensor) -> float:
        return float(x @ y / (x.norm() * y.norm()))

    positive = set()
    for i in range(len(a)):
        inside = sorted((j for j in range(len(b)) if PAIR_A[i] == PAIR_B[j]), key=lambda j: -cos(a[i], b[j]))[:most]
        positive |= {(i, j) for j in inside if cos(a[i], b[j]) > threshold}
    both = []
    for swap in (False, True):
        terms = []
        for i, j in positive:
            anchor, partner = (j, i) if swap else (i, j)
            others = range(len(a)) if swap else range(len(b))
            z = 0.0
            for k in others:
                x, y = (k, anchor) if swap else (anchor, k)
                allowed = PAIR_A[x] == PAIR_B[y] or ORIGIN[PAIR_A[x]] != ORIGIN[PAIR_B[y]]
                if allowed and (x, y) not in positive:
                    z += math.exp(cos(a[x], b[y]) / t)
            x, y = (partner, anchor) if swap else (anchor, partner)
            if z:
                terms.append(math.log(z) - cos(a[x], b[y]) / t)
        both.append(sum(terms) / len(terms) if terms else 0.0)
    return sum(both) / 2


def sides(a: torch.Tensor, b: torch.Tensor) -> tuple[Side, Side]:
    return Side(a, PAIR_A, ORIGIN[PAIR_A]), Side(b, PAIR_B, ORIGIN[PAIR_B])


@pytest.mark.parametrize(("threshold", "most"), [(-1.0, 2), (0.0, 1), (0.2, 3)])
def test_contrast_equals_the_loops(threshold: float, most: int) -> None:
    a, b = states()
    found = contrast(*sides(a, b), threshold, Alignment(max_positives=most, temperature=0.5))
    assert float(found.loss) == pytest.approx(brute_force(a, b, threshold, most, 0.5))


def test_literal_equals_the_printed_sums() -> None:
    a, b = states()
    t, threshold = 0.5, 0.0
    norm = lambda x: x / x.norm(dim=1, keepdim=True)  # noqa: E731
    s = norm(a) @ norm(b).T
    terms = {False: [], True: []}
    for pair in range(3):
        rows, columns = (pair == PAIR_A).nonzero().flatten(), (pair == PAIR_B).nonzero().flatten()
        block = s[rows][:, columns]
        for i in range(len(rows)):
            for j in range(len(columns)):
                if block[i, j] > threshold:
                    without_column = torch.cat([block[:, :j], block[:, j + 1 :]], 1)
                    without_row = torch.cat([block[:i], block[i + 1 :]], 0)
                    for swap, rest in ((False, without_column), (True, without_row)):
                        if rest.numel():
                            terms[swap].append(float((rest / t).exp().sum().log() - block[i, j] / t))
    expected = sum(sum(values) / len(values) for values in terms.values()) / 2
    found = contrast(*sides(a, b), threshold, Alignment(literal=True, max_positives=9, temperature=t))
    assert float(found.loss) == pytest.approx(expected)


@pytest.mark.parametrize("literal", [False, True])
def test_contrast_gradient(literal: bool) -> None:
    a, b = (x.requires_grad_() for x in states())
    alignment = Alignment(literal=literal, temperature=0.5)
    assert torch.autograd.gradcheck(lambda x, y: contrast(*sides(x, y), 0.0, alignment).loss, (a, b))


def test_no_positive_is_zero_with_zero_gradient() -> None:
    a, b = (x.requires_grad_() for x in states())
    found = contrast(*sides(a, b), 1.1, Alignment())
    found.loss.backward()
    assert float(found.loss.detach()) == 0
    assert found.anchors == 0
    assert not a.grad.any()


def test_only_the_first_side_has_a_largest_number_of_positives() -> None:
    pair = torch.zeros(3, dtype=torch.long)
    a = Side(torch.tensor([[1.0, 0.1]] * 3), pair, pair)
    b = Side(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), pair, pair)
    found = contrast(a, b, -1.0, Alignment(max_positives=1))
    assert found.positive.sum(1).tolist() == [1, 1, 1]
    assert found.positive.sum(0).tolist() == [3, 0, 0]


def test_anchors_without_a_positive_take_their_mutual_nearest_neighbour() -> None:
    a, b = states()
    found = contrast(*sides(a, b), 1.1, Alignment(), nearest=True)
    assert found.anchors > 0
    assert (found.positive.sum(1) <= 1).all()
    assert (found.positive.sum(0) <= 1).all()
    assert not (found.positive & (PAIR_A[:, None] != PAIR_B[None])).any()


def test_empty_side() -> None:
    empty = torch.zeros(0, dtype=torch.long)
    _, b = states()
    found = contrast(
        Side(torch.zeros(0, 4, dtype=torch.double), empty, empty), Side(b, PAIR_B, PAIR_B), 0.1, Alignment()
    )
    assert float(found.loss.detach()) == 0


def test_word_loss_by_hand() -> None:
    logits = torch.tensor([[[2.0, 0.0], [0.0, 1.0], [5.0, 5.0]]])
    index = torch.tensor([-100, -100, 0, 1])  # ids 2 and 3 can be said
    loss = word_loss(logits, torch.tensor([[2, 3, 0]]), index)
    expected = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))) / 2
    assert float(loss) == pytest.approx(expected)
    assert float(word_loss(logits, torch.zeros(1, 3, dtype=torch.long), index)) == 0


def test_word_losses_of_shares_have_the_whole_as_their_mean() -> None:
    generator = torch.Generator().manual_seed(3)
    words = torch.tensor([[2, 3, 0], [4, 0, 0], [3, 3, 3], [4, 2, 0], [0, 0, 0], [2, 2, 0]])
    logits = torch.randn(6, 3, 4, generator=generator, requires_grad=True)
    index = torch.tensor([-100, -100, 0, 1, 3])
    whole = word_loss(logits, words, index, 0.1)
    shares = [Share(number, 3) for number in range(3)]
    mean = torch.stack([word_loss(s.rows(logits), words, index, 0.1, share=s) for s in shares]).mean()
    torch.testing.assert_close(mean, whole)
    torch.testing.assert_close(torch.autograd.grad(mean, logits), torch.autograd.grad(whole, logits))


def test_straight_through_has_the_hard_value_and_the_soft_gradient() -> None:
    scores = torch.randn(2, 3, requires_grad=True)
    hard = torch.eye(3)[:2]
    value = straight_through(hard, scores.softmax(-1))
    torch.testing.assert_close(value, hard)
    (value * torch.arange(3.0)).sum().backward()
    expected = scores.detach().requires_grad_()
    (expected.softmax(-1) * torch.arange(3.0)).sum().backward()
    torch.testing.assert_close(scores.grad, expected.grad)


def test_straight_through_leaves_hard_its_gradient_too() -> None:
    """As in back-translation: rows of an embedding are the value, the mean under p of its rows is the soft one."""
    torch.manual_seed(2)
    embedding, tokens = torch.nn.Embedding(4, 3), torch.tensor([1, 3])
    p, slope = torch.randn(2, 4).softmax(-1), torch.randn(2, 3)
    (straight_through(embedding(tokens), p @ embedding.weight) * slope).sum().backward()
    decoded = torch.nn.functional.one_hot(tokens, 4).float()
    torch.testing.assert_close(embedding.weight.grad, (decoded + p).T @ slope)
    embedding.weight.grad = None
    (straight_through(embedding(tokens).detach(), p @ embedding.weight) * slope).sum().backward()
    torch.testing.assert_close(embedding.weight.grad, p.T @ slope)


def test_logged_shares_by_hand() -> None:
    pair = torch.tensor([0, 0, 1])
    a = Side(torch.tensor([[1.0, 0.0], [-0.6, 0.8], [-1.0, 0.0]]), pair, pair)
    b = Side(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), torch.tensor([0, 1]), torch.tensor([0, 1]))
    found = contrast(a, b, 0.5, Alignment())
    assert (found.anchors, found.pairs, found.cosine) == pytest.approx((2 / 3, 2 / 3, (1 - 0.6 + 1) / 3))
