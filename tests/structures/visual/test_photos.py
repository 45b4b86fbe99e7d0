"""Photos as people have them: rotated, in odd colours, broken, too large, moving, or none at all."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from cross2stra.structures.visual.photos import open_photo


def bytes_of(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_camera_s_rotation_is_undone() -> None:
    picture = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    assert open_photo(bytes_of(picture, "JPEG", exif=exif)).size == (20, 40)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG")]
)
def test_all_colours_become_rgb(mode: str, kind: str) -> None:
    assert open_photo(bytes_of(Image.new(mode, (20, 20)), kind)).mode == "RGB"


def test_what_is_transparent_becomes_white() -> None:
    assert open_photo(bytes_of(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")).getpixel((3, 3)) == (255, 255, 255)


def test_a_photo_that_a_camera_keeps_previews_beside_is_the_photo() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 20))])
    assert open_photo(buffer.getvalue()).size == (40, 30)


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(ValueError, match=r"party\.gif: an animation of 3 pictures"):
        open_photo(bytes_of(frames[0], "GIF", save_all=True, append_images=frames[1:]), "party.gif")


def test_what_is_cut_off_is_named() -> None:
    whole = bytes_of(Image.effect_noise((200, 200), 50), "JPEG")
    with pytest.raises(ValueError, match="broken or cut off"):
        open_photo(whole[: len(whole) // 2])


@pytest.mark.parametrize("edge", [8000, 60000])
def test_too_many_pixels_are_refused_before_they_are_read(edge: int) -> None:
    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    png += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(ValueError, match="more than 60 megapixels"):
        open_photo(png)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"notes\.jpg: not a picture"):
        open_photo(path)


def test_a_dot_is_too_small() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        open_photo(bytes_of(Image.new("RGB", (1, 1)), "PNG"))
