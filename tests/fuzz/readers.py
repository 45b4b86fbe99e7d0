"""Every reader of files from outside: the file's name, documents that are nearly right, and what reads them."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from documents import as_json, as_lines, as_table
from hypothesis import strategies as st
from PIL import Image

from cross2stra.configuration import read_experiments, read_profile
from cross2stra.data.archives import unpack_archive
from cross2stra.data.dictionary import Dictionary, word_list
from cross2stra.data.readers import aic, coco, lists, parallel
from cross2stra.data.records import Caption, read_records
from cross2stra.data.streams import Ledger
from cross2stra.data.vocabulary import Vocabulary
from cross2stra.evaluation.captions import read_captions
from cross2stra.evaluation.external import read_external
from cross2stra.ratings.answers import read_answers, read_key
from cross2stra.ratings.questions import NAMES
from cross2stra.reporting.recorded import restore
from cross2stra.structures.graph import read_graphs
from cross2stra.structures.language import written
from cross2stra.structures.syntax.treebanks import chinese_trees, penn_trees, sinica_trees
from cross2stra.structures.tree import retokenise, to_arrays
from cross2stra.structures.visual.annotations import vg150, vrd
from cross2stra.structures.visual.boxes import read_boxes
from cross2stra.structures.visual.photos import open_photo
from cross2stra.web.upload import Refused, photo_of

COCO = {
    "images": [{"id": 1, "file_name": "COCO_val2014_000000000001.jpg", "width": 640, "height": 480}],
    "annotations": [{"image_id": 1, "caption": "A dog runs.", "source": "x"}],
}
KARPATHY = {
    "images": [
        {"filename": "COCO_1.jpg", "filepath": "val2014", "split": "restval", "sentences": [{"raw": "A dog runs."}]}
    ]
}
AIC = [{"url": "", "image_id": "a.jpg", "caption": ["一只狗在跑", "一只狗"]}]
VOCABULARY = {name: ["<pad>", "<bos>", "<eos>", "<unk>", "<mask>", "a"] for name in ("pivot", "target")} | {
    "captioner_words": [5]
}
DICTIONARY = {"pivot": ["dog"], "target": ["狗"], "translations": {"dog": ["狗"]}}
TREE = "(S (NP (DT a) (NN dog)) (VP (VBZ runs) (PP (IN on) (NN grass))))"
KEY = ["form", "item", "image_id", "system", "text"]
ANSWERS = ["form", "rater", "item", *NAMES]
PROFILE = b"profile: x\ntransfers: {a: {pivot: en, target: zh, corpus: world}}\nsystems: [cross2stra]\ntraining: {updates: {}}\n"


VG150 = [
    [
        "1.jpg",
        {
            "objs": [{"cls": 1, "bbox": [0, 0, 9, 9]}, {"cls": 2, "bbox": [1, 1, 5, 5]}],
            "rels": [{"sub": 0, "obj": 1, "pred": [3]}],
        },
    ]
]
VRD = {
    "1.jpg": [
        {
            "predicate": 1,
            "subject": {"category": 2, "bbox": [0, 9, 0, 9]},
            "object": {"category": 3, "bbox": [1, 5, 1, 5]},
        }
    ]
}
FACTUAL = ["image_id", "region_id", "caption", "scene_graph"]
WRITTEN = {
    "source": "icap",
    "image": "1",
    "caption": 0,
    "part": "test",
    "objects": ["狗", "草地"],
    "attributes": [[0, "黑"]],
    "relations": [[0, "在", 1]],
}
MRG = "( (S (NP-SBJ (DT The) (NN dog)) (VP (VBZ runs) (, ,) (NP (-NONE- *T*-1))) (. .)) )"
CTB = "( (IP (NP-SBJ (PN 他)) (VP (VV 打) (NP-OBJ (-NONE- *pro*) (NN 球))) (PU 。)) )"
SINICA = "#1:1.[0] S(agent:NP(Head:Nh:他)|Head:VC2:打|goal:NP(Head:Na:球))#。"


def refused(read: Callable[[Path], Any], path: Path) -> str | None:
    """What a ValueError said; None where the file was read. Any other exception is a fault."""
    try:
        read(path)
    except ValueError as error:
        return str(error)
    return None


def all_of(lines: Any) -> list[Any]:
    return list(lines)


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def in_a_zip(read: Callable[[Path], Any], member: str) -> Callable[[Path], Any]:
    """Reads the file as the one member of an archive."""

    def read_zip(path: Path) -> Any:
        archive = path.with_name(path.name + ".zip")
        archive.write_bytes(zipped((member, path.read_bytes())))
        return read(archive)

    return read_zip


def trees(path: Path) -> None:
    """A tree's arrays, and the tree over other tokens."""
    text = path.read_bytes().decode("utf-8", "replace").strip()
    found = []
    for read in (lambda: to_arrays(text), lambda: retokenise(text, ["a", "dog"])):
        try:
            found.append(read())
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
    arrays, moved = found
    assert len(arrays.parents) == len(arrays.tokens) + len(arrays.labels)
    assert moved is None or to_arrays(moved).tokens == ("a", "dog")


def answers(path: Path) -> Any:
    """Answers to a form of one item."""
    key = path.with_name("key.csv")
    key.write_text(",".join(KEY) + "\nf,1,9,ours,狗\n", "utf-8")
    try:
        return read_answers(read_key(key), [path])
    except ValueError as error:
        raise ValueError(str(error).replace("no answer in the files given", path.name)) from error


def uploaded(path: Path) -> Any:
    """A form with a photo, as a browser sends it."""
    try:
        return photo_of("multipart/form-data; boundary=x", path.read_bytes(), 1 << 20)
    except Refused as refusal:
        raise ValueError(f"{path.name}: {refusal.message}") from refusal


def vrd_pictures(path: Path) -> Any:
    """VRD's annotations, with the size of one picture."""
    path.with_name("vrd_train_image_metadata.json").write_text('{"1.jpg": {"width": 9, "height": 9}}')
    return all_of(vrd(path.parent, "train"))


def picture(kind: str, mode: str = "RGB") -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new(mode, (20, 16), 7).save(file, kind)
    return file.getvalue()


def table() -> bytes:
    """A Parquet file of captions."""
    file = io.BytesIO()
    rows = {name: ["a"] for name in ("caption_id", "image_id", "language", "text", "tokens", "split", "source")}
    pyarrow.parquet.write_table(pa.table(rows), file)
    return file.getvalue()


FORM = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\nabc\r\n--x--\r\n'
PICTURES = [picture(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")] + [picture("TIFF", "CMYK")]

READERS: dict[str, tuple[str, st.SearchStrategy[bytes], Callable[[Path], Any]]] = {
    "coco": ("c.json", as_json(COCO), lambda path: coco.read_captions(path, Ledger(), "en")),
    "karpathy": ("c.json", as_json(KARPATHY), lambda path: coco.read_karpathy(path, Ledger())),
    "aic": ("c.json", as_json(AIC), lambda path: aic.read_captions(path, Ledger())),
    "caption_lines": (
        "c.txt",
        as_lines("COCO_val2014_000000217153#0\ta dog", "667626_18933d713e.jpg#zhc#0 一只狗"),
        lambda path: lists.read_captions(path, Ledger(), "zh"),
    ),
    "ids": ("ids.txt", as_lines("1.jpg", "COCO_val2014_000000000001"), lambda path: lists.read_ids(path, Ledger())),
    "visual_genome_ids": (
        "map.tsv",
        as_table("\t", ["vg_id", "coco_id", "flickr_id", "width", "height"], ["1", "2", "3", "640", "480"]),
        lambda path: all_of(lists.read_visual_genome_ids(path)),
    ),
    "entity_sizes": ("s.jsonl", as_json({"image": "1", "width": 3, "height": 4}), lists.read_entity_sizes),
    "aligned": (
        "p.txt",
        as_lines("a dog runs", "一只狗在跑"),
        lambda path: all_of(parallel.read_aligned(path, path, Ledger(), "x", path)),
    ),
    "alternating": (
        "p.txt",
        as_lines("a dog runs", "一只狗在跑"),
        lambda path: all_of(parallel.read_alternating(path, Ledger(), "x")),
    ),
    "columns": (
        "p.tsv",
        as_lines("a dog\t狗", "a\tb\tc"),
        lambda path: all_of(parallel.read_columns(path, Ledger(), "x")),
    ),
    "captions": (
        "1.jsonl",
        as_json({"image_id": "1", "split": "test", "text": "狗", "pivot": "a dog"}),
        read_captions,
    ),
    "external_lines": ("e.jsonl", as_json({"image_id": "1", "text": "狗"}), read_external),
    "external_list": ("e.json", as_json([{"image_id": 1, "caption": "狗"}]), read_external),
    "external_coco_cn": (
        "e.txt",
        as_json({"imgToEval": {"1": {"caption": [{"image_id": 1, "file_name": "a.jpg", "caption": "狗"}]}}}),
        read_external,
    ),
    "vocabulary": ("v.json", as_json(VOCABULARY), Vocabulary.load),
    "dictionary": ("d.json", as_json(DICTIONARY), Dictionary.load),
    "word_list": ("w.txt", as_lines("dog", "cat"), word_list),
    "key": ("key.csv", as_table(",", KEY, ["f", "1", "9", "ours", "狗"]), read_key),
    "record": ("r.zip", as_json({}), lambda path: restore(path, "x", path.with_name("restored"))),
    "profile": ("x.yaml", as_lines(*PROFILE.decode().splitlines()), read_profile),
    "experiments": ("e.yaml", as_lines("a: {title: A, group: pivoting}", "b:", "  title: B"), read_experiments),
    "trees": ("tree.txt", as_lines(TREE, TREE[1:], TREE[:-1], "(S)", "()", "(S (NP))", "(X a b)", "((a) b)"), trees),
    "answers": ("answers.csv", as_table(",", ANSWERS, ["f", "r", "1", "1", "2", "3", "10", "5", "6"]), answers),
    "boxes": (
        "b.jsonl",
        as_json({"coco_id": 1, "boxes": [[1, 0.5, 0.5, 0.1, 0.1]]}),
        lambda path: read_boxes(path, {"1"}),
    ),
    "factual": (
        "f.csv",
        as_table(",", FACTUAL, ["1", "2", "a dog", '"( dog , is , brown ) , ( dog , on , grass )"']),
        lambda path: all_of(written.factual(path, Ledger())),
    ),
    "written": ("w.jsonl", as_json(WRITTEN), lambda path: written.chinese(path, {("icap", "1", 0): "狗在草地上"})),
    "penn": ("t.mrg", as_lines(MRG, MRG[1:], MRG[:-1]), in_a_zip(lambda zip: penn_trees(zip, Counter()), "t.mrg")),
    "ctb": (
        "c.nw",
        as_lines("<S>", CTB, "</S>", CTB[:-1]),
        in_a_zip(lambda zip: chinese_trees(zip, Counter()), "bracketed/c.nw"),
    ),
    "sinica": ("parsed", as_lines(SINICA, SINICA[:-6]), in_a_zip(lambda zip: sinica_trees(zip, Counter()), "t/parsed")),
    "vg150": ("vg150_annotations.json", as_json(VG150), lambda path: all_of(vg150(path.parent))),
    "vrd": ("vrd_annotations_train.json", as_json(VRD), vrd_pictures),
    "photo": ("p.png", st.sampled_from(PICTURES), open_photo),
    "upload": ("form", st.sampled_from([FORM, FORM.replace(b"photo", b"other"), FORM + FORM]), uploaded),
    "archive": (
        "a.zip",
        st.sampled_from([zipped(("a.json", b"{}")), zipped(("../a.json", b"{}")), zipped(("a.json", b"1" * 5000))]),
        lambda path: unpack_archive(path, path.with_name("unpacked"), (".json",)),
    ),
    "captions_table": ("c.parquet", st.just(table()), lambda path: read_records(path, Caption)),
    "graphs_table": ("g.parquet", st.just(table()), read_graphs),
}
