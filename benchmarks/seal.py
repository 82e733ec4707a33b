"""Pages with and without a seal → what the seal costs, and how often a bad picture of it is read.

    python benchmarks/seal.py [--pages 1000] [--rounds 7] [--read 10]

Cost: a class is printed in turn with and without a seal, and processor time is compared. This is
done in this process, where the first round is not counted, and in new processes, whose whole time
is. Reading: pages are rendered, made worse as scanners, copiers and phones make them, and read by
zxing-cpp; the table says how many of them could be read.
"""

from __future__ import annotations

import argparse
import gc
import io
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageEnhance, ImageFilter
from records import make_records

from pixattest import Issuer, Press, Record, read_issuer
from pixattest.model.issuer import Seal
from pixattest.trust.keys import SealKey
from pixattest.trust.seal import MOST_QR_VERSION

ROOT = Path(__file__).parent.parent
SITE = "https://attestations.example/verify/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--read", type=int, default=10, help="pages a cell of the table")
    parser.add_argument("--once", choices=("sealed", "plain"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        press = make_press(sealed=asked.once == "sealed")
        press.write(make_records(asked.pages), io.BytesIO())
        print(time.process_time())
        return
    sealed, plain = make_press(sealed=True), make_press(sealed=False)
    records = [sealed.read(raw) for raw in make_records(asked.pages)]
    if asked.rounds:
        tell_cost(sealed, plain, records, asked.rounds)
        tell_first_cost(asked.pages, asked.rounds)
    if asked.read:
        tell_reading(sealed, records[: asked.read])


def make_press(*, sealed: bool) -> Press:
    issuer: Issuer = read_issuer(ROOT / "examples" / "issuer.toml")
    if not sealed:
        return Press(issuer=issuer)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seal = Seal(site=SITE, key="key.pem")
    key = SealKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    return Press(issuer=msgspec.structs.replace(issuer, seal=seal), key=key)


# Cost.


def tell_cost(sealed: Press, plain: Press, records: list[Record], rounds: int) -> None:
    def cost(press: Press) -> tuple[float, int]:
        gc.collect()
        file = io.BytesIO()
        begin = time.process_time()
        press.write(records, file)
        return (time.process_time() - begin) / len(records) * 1000, len(file.getvalue())

    found = [(cost(sealed), cost(plain)) for _ in range(rounds + 1)]
    print(f"| {len(records)} pages | ms a page | least | bytes a page |\n|---|---|---|---|")
    for name, place in (("sealed", 0), ("plain", 1)):
        times = [pair[place][0] for pair in found[1:]]
        size = found[0][place][1] / len(records)
        print(f"| {name} | {median(times):.3f} | {min(times):.3f} | {size:.0f} |")
    more = [with_[0] - without[0] for with_, without in found[1:]]
    print(f"a seal: median {median(more):.3f} ms a page, of {len(more)} pairs")


def tell_first_cost(pages: int, rounds: int) -> None:
    def cost(kind: str) -> float:
        command = [sys.executable, __file__, "--pages", str(pages), "--once", kind]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(done.stdout) / pages * 1000

    more = [cost("sealed") - cost("plain") for _ in range(rounds)]
    print(
        f"in processes that begin: median {median(more):.3f} ms a page, "
        f"from {min(more):.3f} to {max(more):.3f}\n"
    )


# Reading.

Worse = Callable[[Image.Image, random.Random], Image.Image]


def add_noise(picture: Image.Image, chance: random.Random, share: float = 0.3) -> Image.Image:
    grain = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height))
    return Image.blend(picture, grain, share)


def blur(picture: Image.Image, _: random.Random) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1.3))


def turn(picture: Image.Image, chance: random.Random) -> Image.Image:
    angle = chance.choice((-15, 15))
    return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def copy_grey(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Make a page look like a photocopy: half the contrast, soft, grainy, darker to one side."""
    grey = ImageEnhance.Contrast(picture).enhance(0.5).filter(ImageFilter.GaussianBlur(0.7))
    shade = Image.linear_gradient("L").rotate(90).resize(grey.size).point(lambda v: 170 + v // 3)
    return add_noise(ImageChops.multiply(grey, shade), chance, 0.12)


def photograph(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Make a page look like a phone's photo: turned, slanted, soft, grainy, much compressed."""
    wide, high = picture.size
    slant = (0, 0, 0.06 * wide, high, 0.95 * wide, 0.97 * high, wide, 0.02 * high)
    bent = picture.transform(picture.size, Image.Transform.QUAD, slant, Image.Resampling.BICUBIC)
    soft = turn(bent, chance).filter(ImageFilter.GaussianBlur(0.8))
    packed = io.BytesIO()
    add_noise(soft, chance, 0.2).save(packed, "JPEG", quality=40)
    return Image.open(packed)


WORSE: dict[str, Worse] = {
    "clean": lambda picture, _: picture,
    "noise": add_noise,
    "blur": blur,
    "turned 15°": turn,
    "photocopy": copy_grey,
    "photo": photograph,
    "photocopy, turned": lambda p, c: copy_grey(turn(p, c), c),
}


def tell_reading(press: Press, records: list[Record]) -> None:
    largest = [largest_sealed(press, record) for record in records]
    kinds = {"as they come": records, f"version {MOST_QR_VERSION}": largest}
    print(f"| read of {len(records)} | {' | '.join(WORSE)} |\n|---|{'---|' * len(WORSE)}")
    for name, group in kinds.items():
        pages = [press.render(record) for record in group]
        for dpi in (300, 200, 150):
            pictures = [render(page, dpi) for page in pages]
            chance = random.Random(1)
            read = [sum(is_read(worse(p, chance)) for p in pictures) for worse in WORSE.values()]
            print(f"| {name}, {dpi} dpi | {' | '.join(map(str, read))} |")


def largest_sealed(press: Press, record: Record) -> Record:
    """Give a record a centre so long that its QR code has the largest version allowed."""
    values: dict[str, Any] = record.as_mapping()
    values["centre"] = (record.centre + " " + "Annexe du Centre " * 10)[:118]
    values["last_name"] = record.last_name + "-Longuenom" * 5
    return press.read(values)


def render(page: bytes, dpi: int) -> Image.Image:
    with pypdfium2.PdfDocument(page) as document:
        picture: Image.Image = document[0].render(scale=dpi / 72).to_pil()
    return picture.convert("L")


def is_read(picture: Image.Image) -> bool:
    return any(found.text.startswith(SITE + "#") for found in zxingcpp.read_barcodes(picture))


if __name__ == "__main__":
    main()
