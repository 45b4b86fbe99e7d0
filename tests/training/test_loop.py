"""The loop: resuming bit for bit, being told to stop, passes, averaging, torn states, schedule and budget."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from cross2stra.configuration import read_experiments, read_profile
from cross2stra.training import schedule
from cross2stra.training.batches import stream
from cross2stra.training.checkpoints import Checkpoints, held
from cross2stra.training.loop import Plan, log_rows, optimizer_of, run, snapshot_steps

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def training():
    found = read_profile(ROOT / "config" / "demo.yaml").training
    return found.model_copy(update={"save_every": 10, "warm_up": 5})


class Toy:
    """A regression with dropout, so that random states matter."""

    def __init__(self, stop_at: int | None = None) -> None:
        torch.manual_seed(0)
        self.model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
        self.stop_at = stop_at
        self.seen: list[int] = []

    def prepare(self, step: int) -> None:
        if step == self.stop_at:
            raise KeyboardInterrupt

    def losses(self, step: int):
        self.seen.append(step)
        rows = stream(30, 8, step, 1)
        x = torch.tensor(rows[:, None] * np.arange(1, 5), dtype=torch.float32) / 30
        return {"cap": (1.0, (self.model(x) - x.sum(1, keepdim=True)).pow(2).mean())}, {"rows": float(rows.sum())}


def go(toy: Toy, training, folder: Path) -> dict[str, torch.Tensor]:
    run(toy, Plan("caption_translate", 45, 0, 3, average=4), training, folder, optimizer_of(toy.model, training))
    return toy.model.state_dict()


def test_resumed_equals_uninterrupted_bit_for_bit(training, tmp_path: Path) -> None:
    whole = go(Toy(), training, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        go(Toy(stop_at=37), training, tmp_path / "cut")
    resumed = Toy()
    again = go(resumed, training, tmp_path / "cut")
    assert resumed.seen[0] == 30
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert list(log_rows(tmp_path / "whole")) == list(log_rows(tmp_path / "cut"))


def test_a_torn_state_gives_way_to_the_one_before(training, tmp_path: Path) -> None:
    whole = go(Toy(), training, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        go(Toy(stop_at=37), training, tmp_path / "cut")
    newest = max(tmp_path.glob("cut/state-*"))
    newest.write_bytes(newest.read_bytes()[:100])
    resumed = Toy()
    again = go(resumed, training, tmp_path / "cut")
    assert resumed.seen[0] == 20
    assert all(torch.equal(whole[name], again[name]) for name in whole)


@pytest.mark.parametrize("left", [0, 4, 9, 100, -1])
def test_a_torn_state_is_said_and_removed(left: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoints, model = Checkpoints(tmp_path), torch.nn.Linear(1, 1)
    optimizer = torch.optim.AdamW(model.parameters())
    for step in (1, 2):
        checkpoints.save(step, model, optimizer, {"cap": 0.5})
    newest = tmp_path / "state-00000002.safetensors"
    newest.write_bytes(newest.read_bytes()[:left])
    assert checkpoints.restore(model, optimizer) == (1, {"cap": 0.5})
    assert f"{newest}: not a whole state" in capsys.readouterr().err
    assert not newest.exists()


def test_a_whole_state_of_another_model_is_an_error_and_stays(tmp_path: Path) -> None:
    checkpoints, model, other = Checkpoints(tmp_path), torch.nn.Linear(1, 1), torch.nn.Linear(2, 1)
    checkpoints.save(1, model, torch.optim.AdamW(model.parameters()))
    with pytest.raises(ValueError, match=r"state-00000001.*not a state of this model.*remove"):
        checkpoints.restore(other, torch.optim.AdamW(other.parameters()))
    assert checkpoints.restore(model, torch.optim.AdamW(model.parameters()))[0] == 1


class Told(Toy):
    """Is sent a signal during step 13."""

    def losses(self, step: int):
        if step == 13:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().losses(step)


def test_two_do_not_train_in_one_folder(tmp_path: Path) -> None:
    said = rf"process {os.getpid()} on \S+ is training this stage; wait for it"
    with held(tmp_path / "working"), pytest.raises(ValueError, match=said), held(tmp_path / "working"):
        pass
    with held(tmp_path / "working"):
        assert (tmp_path / "working" / "held-by").read_text("utf-8").count("process") == 1


def test_told_to_stop_it_saves_where_it_is_and_goes_on_from_there(training, tmp_path: Path) -> None:
    whole = go(Toy(), training, tmp_path / "whole")
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as told:
        go(Told(), training, tmp_path / "told")
    assert told.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before
    resumed = Toy()
    again = go(resumed, training, tmp_path / "told")
    assert resumed.seen[0] == 14
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert list(log_rows(tmp_path / "whole")) == list(log_rows(tmp_path / "told"))


class Ending(Toy):
    """A second loss, always 2, of the first 35 updates only."""

    def losses(self, step: int):
        found, numbers = super().losses(step)
        return found | ({"ipb": (1.0, torch.tensor(2.0))} if step < 35 else {}), numbers


def test_a_loss_that_ends_is_logged_as_its_mean_while_it_was_there(training, tmp_path: Path) -> None:
    go(Ending(), training, tmp_path)
    logged = [(step, value) for step, name, value in log_rows(tmp_path) if name == "ipb"]
    assert [value for _, value in logged] == [2.0] * len(logged)
    assert logged[-1][0] == 40


class Shared(Toy):
    """The regression without dropout, on this share's rows."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan, self.model = plan, torch.nn.Sequential(self.model[0], self.model[2])

    def losses(self, step: int):
        rows = self.plan.share.rows(stream(30, 64, step, 1))
        self.seen.append(len(rows))
        x = torch.tensor(rows[:, None] * np.arange(1, 5), dtype=torch.float32) / 30
        return {"cap": (1.0, (self.model(x) - x.sum(1, keepdim=True)).pow(2).mean())}, {}


def test_a_batch_in_passes_trains_as_the_whole_does(training, tmp_path: Path) -> None:
    trained = []
    for passes in (1, 4):
        plan = Plan("caption_translate", 12, 0, 3)
        stage, settings = Shared(plan), training.model_copy(update={"accumulate": passes})
        run(stage, plan, settings, tmp_path / str(passes), optimizer_of(stage.model, settings))
        assert set(stage.seen) == {64 // passes}
        trained.append(stage.model.state_dict())
    for name, value in trained[0].items():
        torch.testing.assert_close(trained[1][name], value, rtol=1e-4, atol=1e-5)


def test_a_batch_that_cannot_be_shared_out_is_refused(training, tmp_path: Path) -> None:
    plan = Plan("caption_translate", 12, 0, 3)
    stage, settings = Shared(plan), training.model_copy(update={"accumulate": 3})
    with pytest.raises(ValueError, match=r"training.batch is 64.*multiple of 3"):
        run(stage, plan, settings, tmp_path, optimizer_of(stage.model, settings))


class Judged(Toy):
    """Good until step 25, where it is told to go back: the weights of 20 go on from there."""

    def prepare(self, step: int) -> bool | None:
        super().prepare(step)
        return {10: True, 20: True, 25: False}.get(step)


def test_a_model_that_is_no_good_goes_back_and_on(training, tmp_path: Path) -> None:
    stopped = Toy(stop_at=20)
    with pytest.raises(KeyboardInterrupt):
        go(stopped, training, tmp_path / "stopped")
    judged = Judged(stop_at=26)
    with pytest.raises(KeyboardInterrupt):
        go(judged, training, tmp_path / "judged")
    again = Judged()
    optimizer = optimizer_of(again.model, training)
    assert Checkpoints(tmp_path / "judged").go_back(again.model, optimizer) == 20
    assert all(torch.equal(again.model.state_dict()[k], v) for k, v in stopped.model.state_dict().items())
    whole = go(Judged(), training, tmp_path / "whole")
    resumed = go(Judged(), training, tmp_path / "judged")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert not all(torch.equal(whole[k], v) for k, v in go(Toy(), training, tmp_path / "plain").items())


def test_snapshots_after_a_good_state_go_with_what_they_were_of(tmp_path: Path) -> None:
    checkpoints, model = Checkpoints(tmp_path), torch.nn.Linear(1, 1)
    optimizer = torch.optim.AdamW(model.parameters())
    assert checkpoints.go_back(model, optimizer) is None
    for value in (1, 2, 3):
        torch.nn.init.constant_(model.weight, value)
        checkpoints.snapshot(value, model)
        if value == 2:
            checkpoints.approve(2, model, optimizer)
    assert checkpoints.go_back(model, optimizer) == 2
    assert model.weight.item() == 2
    assert checkpoints.average(model) == 2
    assert model.weight.item() == 1.5


def test_average_is_the_mean_of_the_snapshots(tmp_path: Path) -> None:
    checkpoints, model = Checkpoints(tmp_path), torch.nn.Linear(1, 1)
    for value in (1.0, 2.0, 6.0):
        torch.nn.init.constant_(model.weight, value)
        checkpoints.snapshot(int(value), model)
    assert checkpoints.average(model) == 3
    assert model.weight.item() == 3


def test_snapshots_lie_in_the_last_fifth() -> None:
    assert sorted(snapshot_steps(100, 4)) == [85, 90, 95, 100]
    assert snapshot_steps(100, 0) == set()


def test_weights_run_linearly(training) -> None:
    every = ["cap", "tran", "cma", "cla", "ipb", "ptb"]
    assert schedule.weights(training, every, "joint", 0.5) == pytest.approx(
        {"cap": 0.85, "tran": 0.85, "cma": 0.7, "cla": 0.7, "ipb": 0.5, "ptb": 0.5}
    )
    for progress, end in ((0.0, "start"), (1.0, "end")):
        expected = {name: getattr(training.weights["joint"][name], end) for name in every}
        assert schedule.weights(training, every, "joint", progress) == pytest.approx(expected)
    assert "cma" not in schedule.weights(training, ["cap"], "joint", 0.0)


def test_the_rate_rises_evenly_and_falls_with_the_root(training) -> None:
    few = training.model_copy(update={"warm_up": 4, "learning_rate": 1.0})
    assert [schedule.rate(step, few) for step in (0, 1, 3, 15, 63)] == pytest.approx([0.25, 0.5, 1.0, 0.5, 0.25])


def test_a_stage_without_its_losses_gives_its_updates_to_the_last(training) -> None:
    rows = read_experiments(ROOT / "config" / "experiments.yaml")
    plain = schedule.updates(training, rows["cross2stra"])
    without = schedule.updates(
        training, rows["cross2stra"].model_copy(update={"losses": ["cap", "tran", "ipb", "ptb"]})
    )
    assert sum(plain.values()) == sum(without.values())
    assert without["align"] == 0
    assert without["joint"] == plain["joint"] + plain["align"]


def test_separate_systems_get_the_budget_of_the_reference(training) -> None:
    reference = read_experiments(ROOT / "config" / "experiments.yaml")["cross2stra"]
    total = schedule.decoder_examples(training, reference)
    assert 0 <= schedule.separate_updates(training, reference) * 2 * training.batch - total < 2 * training.batch


def test_the_budget_counts_captions_pairs_and_scenes_of_l_ptb(training) -> None:
    row = read_experiments(ROOT / "config" / "experiments.yaml")["cross2stra"]
    updates = {"caption_translate": 7, "align": 5, "back_translate": 3, "joint": 2}
    few = training.model_copy(update={"batch": 10, "back_share": 0.4, "updates": updates})
    assert schedule.decoder_examples(few, row) == (7 + 5) * 2 * 10 + (3 + 2) * (2 * 10 + 4)
    assert schedule.separate_updates(few, row) == 18


class Slope:
    """One weight, whose gradient is 3 times the loss's weight."""

    def __init__(self, weight: float) -> None:
        self.model, self.weight, self.seeds = torch.nn.Linear(1, 1, bias=False), weight, []

    def prepare(self, step: int) -> None:
        pass

    def losses(self, step: int):
        self.seeds.append(torch.initial_seed())
        return {"cap": (self.weight, 3 * self.model.weight.sum())}, {}


@pytest.mark.parametrize(("weight", "moved"), [(1.0, 0.5), (0.1, 0.3)])
def test_an_update_is_the_weighted_clipped_gradient_at_the_rate_over_all_stages(
    weight: float, moved: float, training, tmp_path: Path
) -> None:
    settings = training.model_copy(update={"warm_up": 4, "learning_rate": 1.0, "clip": 0.5})
    stage = Slope(weight)
    before = stage.model.weight.item()
    run(stage, Plan("joint", 1, 15, 3), settings, tmp_path, torch.optim.SGD(stage.model.parameters(), 9.0))
    assert before - stage.model.weight.item() == pytest.approx(0.5 * moved, rel=1e-4)  # the rate of update 15 is a half
    assert stage.seeds == [3 * 1_000_003 + 15]


def test_biases_norms_and_embeddings_do_not_decay(training) -> None:
    model = torch.nn.Sequential(torch.nn.Embedding(3, 4), torch.nn.Linear(4, 4), torch.nn.LayerNorm(4))
    decayed, plain = optimizer_of(model, training).param_groups
    assert [id(parameter) for parameter in decayed["params"]] == [id(model[1].weight)]
    assert len(plain["params"]) == 4
    assert (decayed["weight_decay"], plain["weight_decay"]) == (training.weight_decay, 0.0)
