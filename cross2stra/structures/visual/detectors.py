"""The detector backends, by what their folder holds."""

from __future__ import annotations

from pathlib import Path

from cross2stra.structures.visual.detector_training import TrainedDetector
from cross2stra.structures.visual.detectron2 import POINTER, Detectron2Detector
from cross2stra.structures.visual.looking import DetectorBackend


def load_detector(folder: Path) -> DetectorBackend:
    """The detector that was saved to `folder`."""
    return (Detectron2Detector if (folder / POINTER).is_file() else TrainedDetector).load(folder)
