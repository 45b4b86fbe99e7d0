"""The bound `supervised_target`: what EarlyTranslation's captioner reaches with human target captions of its pictures.

No system of the comparison may read such captions (docs/readings.md, 18).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cross2stra.data.records import Caption, Split, read_records
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.model.cross2stra import made_on_cpu
from cross2stra.model.target_captioner import TargetCaptioner
from cross2stra.structures.graph import read_graphs_of
from cross2stra.systems.early import Early, EarlyStage
from cross2stra.systems.method import Task
from cross2stra.training.corpus import Pairs, PicturedCaptions, TransferData
from cross2stra.training.examples import encode_scene, word_ids
from cross2stra.training.loop import Plan


def load_paired(text: Path, structures: Path) -> TransferData:
    """Pictures with target captions: `text` has captions.parquet and vocabulary.json of `cross2stra paired`.

    The captions' words are target words; there are no sentence pairs. Raises ValueError where no picture has a caption.
    """
    vocabulary = Vocabulary.load(text / "vocabulary.json")
    index = {word: i for i, word in enumerate(vocabulary.pivot)}
    target = {word: i for i, word in enumerate(vocabulary.target)}
    rows = [row for row in read_records(text / "captions.parquet", Caption) if row.split == Split.TRAIN and row.tokens]
    if not rows:
        raise ValueError(
            f"{text}/captions.parquet: no training picture has a target caption; take supervised_target out of `systems`"
        )
    names = sorted({row.image_id for row in rows})
    graphs = read_graphs_of(structures / "visual_graphs.parquet", names)
    feature_size = next((graph.features.shape[1] for graph in graphs.values() if graph.features is not None), 0)
    number = {name: i for i, name in enumerate(names)}
    captions = PicturedCaptions(
        np.asarray([number[row.image_id] for row in rows], dtype=np.int64),
        [word_ids(row.tokens.split(), target) for row in rows],
        [],
        [row.tokens for row in rows],
    )
    pictures = [encode_scene(graphs[name], index, feature_size) for name in names]
    return TransferData(
        vocabulary, feature_size, pictures, captions, Pairs([], [], [], [], [], []), {"captions": len(rows)}
    )


class Supervised(Early):
    """The bound: no translator."""

    def data(self, task: Task) -> TransferData:
        """The paired captions' own folder."""
        return load_paired(task.text, task.structures)

    def stage(self, task: Task, data: TransferData, plan: Plan) -> EarlyStage:
        """The captioner on captions that people wrote."""
        model = made_on_cpu(lambda: TargetCaptioner(self.shape(task, data)))
        return EarlyStage(model, data, data.captions.words, task.profile, plan)
