#!/usr/bin/env bash
# Importing papermill beside JupyterLab's packages builds a parser for internationalised addresses.
#
# papermill 2.7.0, nbformat 5.11.1, jsonschema 4.26.0, rfc3987-syntax 1.1.0, lark 1.3.1, Python 3.11.
# One expects `import papermill` to read modules. nbformat imports jsonschema, which imports every
# checker of formats that it finds, needed or not; jupyter-events, a part of every JupyterLab, brings
# rfc3987-syntax, whose import builds a Lark parser from RFC 3987's whole grammar. Nothing of it is
# used when a notebook is run. Seen: 3.29 of 3.92 s (busy 2 cores);
# without that one package the same import takes a fraction. Every job that runs a notebook pays it.
#
# Output seen:
#   rfc3987_syntax imported: True
#   share of the import spent in rfc3987_syntax: more than half
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    papermill==2.7.0 nbformat==5.11.1 jupyter-events==0.12.1 jsonschema==4.26.0 \
    rfc3987-syntax==1.1.0 lark==1.3.1
"$folder/venv/bin/python" -X importtime -c '
import sys
import papermill
print("rfc3987_syntax imported:", "rfc3987_syntax" in sys.modules)
assert "rfc3987_syntax" in sys.modules
' 2>"$folder/times"
"$folder/venv/bin/python" - "$folder/times" <<'PY'
import re, sys
rows = re.findall(r"(\d+) \|\s+([\w.]+)$", open(sys.argv[1]).read(), re.M)
spent = {name: int(microseconds) for microseconds, name in rows}
share = spent["rfc3987_syntax"] / spent["papermill"]
print("share of the import spent in rfc3987_syntax:", "more than half" if share > 0.5 else "less than half")
assert share > 0.5, share
PY
