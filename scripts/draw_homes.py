"""Draw the apartments for the README: docs/images/apartment-*.jpg."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from robomem.serialization import write_atomically
from robomem_envs.household.physical import PhysicalHome

FOLDER = Path(__file__).parent.parent / "docs" / "images"
MOST_BYTES = 60_000
VIEWS = (
    ("apartment-1-top", "apartment-1", "sofa_1", "top"),
    ("apartment-7-top", "apartment-7", "counter_1", "top"),
    ("apartment-3-person", "apartment-3", "dining_table_1", "person"),
    ("apartment-2-person", "apartment-2", "sink_1", "person"),
)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, world, at, camera in VIEWS:
        home = PhysicalHome(world, 0)
        home.go(at)
        picture = Image.fromarray(home.picture(1000, 1000, camera)).resize((640, 640), Image.Resampling.LANCZOS)
        quality = 88
        while len(data := jpeg(picture, quality)) > MOST_BYTES:
            quality -= 6
        write_atomically(FOLDER / f"{name}.jpg", data)
        print(f"{name}.jpg {len(data) // 1000} kB")


def jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
