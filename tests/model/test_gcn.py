"""Gated graph convolution (Eq. 1, 3) against a dense loop over edges."""

import torch

from cross2stra.model.gcn import IN, OUT, SELF, GatedGraphConvolution, GraphEncoder

EDGES = torch.tensor([[0, 1, 3, 0], [1, 2, 1, 2]])
TYPES = torch.tensor([0, 1, 2, 1])


def by_hand(layer: GatedGraphConvolution, h: torch.Tensor) -> torch.Tensor:
    """The docstring's formula, one edge at a time."""
    width = h.shape[1]
    v = layer.transform.weight.view(3, width, width)
    gates = layer.gate.weight
    rows = []
    for node in range(len(h)):
        incoming = [(node, SELF, 2 * layer.edge_types)]
        for (source, destination), label in zip(EDGES.T.tolist(), TYPES.tolist(), strict=True):
            if destination == node:
                incoming.append((source, IN, label))
            if source == node:
                incoming.append((destination, OUT, layer.edge_types + label))
        total = torch.zeros(width, dtype=h.dtype)
        for sender, direction, label in incoming:
            gate = torch.sigmoid(gates[direction] @ h[sender] + layer.gate_bias[label])
            total = total + gate * (v[direction] @ h[sender] + layer.bias[label])
        rows.append(torch.relu(total))
    return torch.stack(rows)


def layer() -> GatedGraphConvolution:
    torch.manual_seed(0)
    made = GatedGraphConvolution(5, 3).double()
    torch.nn.init.normal_(made.bias)
    torch.nn.init.normal_(made.gate_bias)
    return made


def test_equals_the_formula() -> None:
    made, h = layer(), torch.randn(4, 5, dtype=torch.double)
    torch.testing.assert_close(made(h, EDGES, TYPES), by_hand(made, h))


def test_gradient() -> None:
    made = layer()
    h = torch.randn(4, 5, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: made(x, EDGES, TYPES), (h,))


def test_direction_and_label_matter() -> None:
    made, h = layer(), torch.randn(4, 5, dtype=torch.double)
    assert not torch.allclose(made(h, EDGES, TYPES), made(h, EDGES.flip(0), TYPES))
    assert not torch.allclose(made(h, EDGES, TYPES), made(h, EDGES, TYPES.flip(0)))


def test_node_order_does_not_matter() -> None:
    torch.manual_seed(1)
    encoder = GraphEncoder(2, 6, 3, 0.0)
    h, order = torch.randn(4, 6), torch.tensor([2, 0, 3, 1])
    place = torch.argsort(order)
    torch.testing.assert_close(
        encoder(h, EDGES, TYPES)[order], encoder(h[order], place[EDGES], TYPES), rtol=1e-5, atol=1e-6
    )


def test_a_node_without_edges_sees_itself_alone() -> None:
    made = layer()
    h = torch.randn(1, 5, dtype=torch.double)
    none = torch.zeros(2, 0, dtype=torch.long)
    v, g = made.transform.weight.view(3, 5, 5)[SELF], made.gate.weight[SELF]
    expected = torch.relu(torch.sigmoid(g @ h[0] + made.gate_bias[-1]) * (v @ h[0] + made.bias[-1]))
    torch.testing.assert_close(made(h, none, none[0])[0], expected)
