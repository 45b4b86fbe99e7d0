"""A picture for a reader: the file itself, or, where there are only annotated boxes, a drawing of them."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw, ImageFont

from cross2stra.data.archives import opened_member
from cross2stra.data.letters import chinese_font_file
from cross2stra.reporting.results import Picture
from cross2stra.reporting.style import LINE, MUTED, PALETTE
from cross2stra.structures.graph import NodeKind, SceneGraph

WIDTH = 480
"""Pixels of a drawn scene."""
WIDEST = 320
"""Pixels; larger pictures are made smaller for a page."""


def image_of(picture: Picture) -> Image.Image | None:
    """The picture's pixels, or its boxes drawn with their names; None when neither is there."""
    if picture.path is not None:
        with opened_member(picture.path) as file, Image.open(file) as image:
            return image.convert("RGB")
    if picture.graph is not None and picture.graph.boxes is not None and min(picture.graph.size) > 0:
        return draw_boxes(picture.graph)
    return None


def data_address(image: Image.Image | None, drawn: bool) -> str:
    """A picture as a data address: JPEG for photographs, PNG for small drawings, at most WIDEST pixels wide."""
    if image is None:
        return ""
    drawing = drawn or max(image.size) <= WIDEST
    image.thumbnail((WIDEST, WIDEST))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True) if drawing else image.save(buffer, "JPEG", quality=82)
    kind = "png" if drawing else "jpeg"
    return f"data:image/{kind};base64," + base64.b64encode(buffer.getvalue()).decode()


def draw_boxes(graph: SceneGraph) -> Image.Image:
    """The object nodes of a graph as named boxes, larger ones first."""
    width, height = graph.size
    scale = WIDTH / width
    image = Image.new("RGB", (WIDTH, max(1, round(height * scale))), "#f6f4ef")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width - 1, image.height - 1), outline=LINE, width=2)
    font = ImageFont.truetype(str(chinese_font_file()), 17)
    assert graph.boxes is not None
    objects = [i for i in range(len(graph)) if graph.node_kinds[i] == NodeKind.OBJECT]
    boxes = {i: [float(side) * scale for side in graph.boxes[i]] for i in objects}
    order = sorted(objects, key=lambda i: -(boxes[i][2] - boxes[i][0]) * (boxes[i][3] - boxes[i][1]))
    names = {label: n for n, label in enumerate(sorted({graph.node_labels[i] for i in objects}))}
    for i in order:
        x0, y0, x1, y1 = boxes[i]
        if x1 - x0 < 1 or y1 - y0 < 1:
            continue
        label = graph.node_labels[i]
        colour = PALETTE[names[label] % len(PALETTE)]
        pen.rectangle((x0, y0, x1, y1), outline=colour, width=3)
        place = (min(x0 + 5, image.width - 60), min(max(y0 + 2, 0), image.height - 24))
        pen.text(place, label, font=font, fill=colour, stroke_width=3, stroke_fill="#f6f4ef")
    if not order:
        pen.text((12, 10), "no box", font=font, fill=MUTED)
    return image
