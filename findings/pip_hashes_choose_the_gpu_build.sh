#!/usr/bin/env bash
# pip takes a torch of the index instead of the CPU build beside it as soon as hashes are required.
#
# pip 26.3, Python 3.11.
# PyTorch's CPU builds are the same release with a local version (2.13.0+cpu), which sorts above the
# plain 2.13.0 of PyPI: `pip install torch==2.13.0 --find-links FOLDER` takes the CPU build of the
# folder. A lock file that lists the hashes of both builds is expected to leave that choice as it is;
# with --require-hashes the same command takes the index's file, which on Linux brings gigabytes of
# CUDA packages with it. The cause: links of an index carry the hash of their file and those of a
# folder do not, and pip prefers a file whose hash it knows to be listed before it compares versions.
# Shown with two small wheels made here, named `tensors`, and a folder laid out as an index.
#
# Output seen:
#   without hashes: 1.0+cpu
#   both hashes listed, required: 1.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --disable-pip-version-check "$@"; }
pip install --quiet pip==26.3
python3 - "$folder" <<'PY'
import hashlib
import pathlib
import sys
import zipfile

root = pathlib.Path(sys.argv[1])
hashes = []
for version, place in (("1.0", root / "index/tensors"), ("1.0+cpu", root / "builds")):
    place.mkdir(parents=True)
    wheel = place / f"tensors-{version}-py3-none-any.whl"
    info = f"tensors-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tensors.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tensors\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"tensors.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    hashes.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
wheel = "tensors-1.0-py3-none-any.whl"
(root / "index/tensors/index.html").write_text(f'<a href="{wheel}#sha256={hashes[0]}">{wheel}</a>')
(root / "lock.txt").write_text(f"tensors==1.0 --hash=sha256:{hashes[0]} --hash=sha256:{hashes[1]}\n")
PY
export PIP_CONFIG_FILE=/dev/null
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS
from=(--index-url "file://$folder/index" --find-links "$folder/builds" --no-deps --quiet --no-cache-dir)
chosen() { "$folder/venv/bin/python" -c 'import tensors; print(tensors.version)'; }
pip install "${from[@]}" tensors==1.0
plain=$(chosen)
echo "without hashes: $plain"
pip uninstall --quiet --yes tensors
pip install "${from[@]}" --require-hashes --requirement "$folder/lock.txt"
hashed=$(chosen)
echo "both hashes listed, required: $hashed"
[ "$plain" = "1.0+cpu" ] && [ "$hashed" = "1.0" ]
