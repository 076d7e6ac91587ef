#!/usr/bin/env bash
# sd-parsers can give a JPEG the parameters of the one read just before it.
#
# sd-parsers 0.6, Pillow 13.0.0, Python 3.11.
# One expects each picture's own parameters, whatever was read before. The extractor of the EXIF
# UserComment keeps the last comment by id(image), and CPython gives the address of a picture that
# is gone to a later one: then the former's comment is taken for it, without a word. In a loop over
# a folder it happens now and then, as the allocator will have it; here two pictures are opened in
# turn until the second has the first one's address.
#
# Output seen:
#   first: a red fox
#   second, at the first one's address: a red fox
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sd-parsers==0.6 pillow==13.0.0
"$folder/venv/bin/python" - "$folder" <<'PY'
import sys
from pathlib import Path

from PIL import Image
from sd_parsers import ParserManager


def save(name: str, prompt: str) -> Path:
    exif = Image.Exif()
    text = f"{prompt}\nSteps: 8, Sampler: Euler, CFG scale: 1, Seed: 5, Size: 64x64"
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
    path = Path(sys.argv[1], name)
    Image.new("RGB", (64, 64)).save(path, exif=exif.tobytes())
    return path


one, two = save("1.jpg", "a red fox"), save("2.jpg", "a blue lake")
reader = ParserManager()
for _ in range(10_000):
    image = Image.open(one)
    first, address = reader.parse(image).full_prompt, id(image)
    del image
    image = Image.open(two)
    if id(image) == address:
        break
else:
    sys.exit("no second picture came to the first one's address")
second = reader.parse(image).full_prompt
print("first:", first)
print("second, at the first one's address:", second)
assert second == first == "a red fox"
PY
