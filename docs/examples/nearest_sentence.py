"""Caption a picture with the target side of the sentence pair that names most of what is seen: a system without training.

python docs/examples/nearest_sentence.py RESULTS TRANSFER OUTPUT
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from cross2stra.data.records import Image, SentencePair, Split, read_records
from cross2stra.structures.graph import read_graphs

results, transfer, output = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

pairs = [r for r in read_records(results / "text" / transfer / "pairs.parquet", SentencePair) if r.split == Split.TRAIN]
containing: dict[str, list[int]] = defaultdict(list)
for number, pair in enumerate(pairs):
    for word in set(pair.pivot_tokens.split()):
        containing[word].append(number)

graphs = read_graphs(results / "structures" / transfer / "visual_graphs.parquet")
lines = []
for image in read_records(results / "corpora" / transfer / "images.parquet", Image):
    if image.split not in (Split.VALIDATION, Split.TEST):
        continue
    # A rare word tells more than a frequent one.
    seen = {word for label in graphs[image.image_id].node_labels for word in label.split()}
    votes: Counter[int] = Counter()
    for word in sorted(seen & containing.keys()):
        for number in containing[word]:
            votes[number] += 1 / len(containing[word])
    best = max(votes, key=lambda n: (votes[n] / len(pairs[n].pivot_tokens.split()), -n), default=0)
    lines.append(json.dumps({"image_id": image.image_id, "text": pairs[best].target}, ensure_ascii=False))

output.mkdir(parents=True, exist_ok=True)
(output / f"{transfer}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
