#!/bin/sh
# diffusers 0.42.1 (Python 3.11): `import diffusers` reads the list of files of every package that is
# installed, whichever it is. It asks importlib.metadata.packages_distributions() for the names of all
# importable packages "once, to avoid expensive calls", and looks into the answer only for optimum,
# flashinfer and modelopt, where these are installed. A package without a top_level.txt (any that was
# built by a newer tool) has its whole RECORD parsed for that: the import takes longer with each
# package that has nothing to do with it; 250 packages with torch cost half a second of CPU time.
#
# Seen: "40 of 40 unrelated packages had their list of files read during import diffusers"
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check diffusers==0.42.1
cat > "$dir/see.py" <<'EOF'
import pathlib
import sys
import sysconfig

site = pathlib.Path(sysconfig.get_paths()["purelib"])
for number in range(40):
    name = f"unrelated_{number:02}"
    (site / name).mkdir()
    (site / name / "__init__.py").write_text("")
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{name}/__init__.py,,", *(f"{info.name}/{file},," for file in ("METADATA", "RECORD"))]
    (info / "RECORD").write_text("\n".join(lines) + "\n")

read = set()


def heard(event, given):
    if event == "open" and isinstance(given[0], str) and given[0].endswith("RECORD"):
        read.add(pathlib.Path(given[0]).parent.name)


sys.addaudithook(heard)
import diffusers

seen = sum(name.startswith("unrelated_") for name in read)
print(f"diffusers {diffusers.__version__}: {seen} of 40 unrelated packages had their list of files "
      "read during import diffusers")
sys.exit(0 if seen == 40 else 1)
EOF
"$dir/venv/bin/python" "$dir/see.py"
