"""Properties of what reads strangers' data: any input is read or refused in one sentence, soon.

``ZIMG_EXAMPLES=20000`` tries that many inputs for each test; by default they are few and always
the same.
"""

from __future__ import annotations

import io
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from foreign_files import turbo
from zimg_kernel import BadInput, Gallery, GeneratedImage, GenerationParams
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.gallery.names import Names
from zimg_kernel.images.metadata import read_sent_record
from zimg_kernel.images.record import is_record
from zimg_kernel.lora.inspect import inspect_lora
from zimg_kernel.yaml_files import read_yaml
from zimg_widgets.gallery.labels import LABELS, facts

EXAMPLES = int(os.environ.get("ZIMG_EXAMPLES", "60"))
several = settings(
    max_examples=EXAMPLES,
    deadline=1000 if EXAMPLES >= 1000 else None,  # ms; a loaded machine is no failure
    derandomize=EXAMPLES < 1000,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "a red circle", "1e999", "0001-01-01", "[]", "\x1b[2J", 10**400]),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
RECORD = GeneratedImage(
    Image.new("RGB", (8, 8)), GenerationParams(prompt="a red circle", seed=1, model="nano-turbo")
).record()


NODES = [
    "KSampler", "CLIPTextEncode", "LoraLoader", "StringConcatenate", "PrimitiveInt",
    "SamplerCustomAdvanced", "CFGGuider", "RandomNoise", "ConditioningZeroOut",
]  # fmt: skip
INPUTS = [
    "text", "seed", "steps", "cfg", "model", "clip", "positive", "negative", "latent_image",
    "noise", "guider", "sigmas", "string_a", "value",
]  # fmt: skip
links = st.tuples(st.text("0123456789", min_size=1, max_size=1), st.integers(0, 2))


def one_sentence(action: Any) -> Any:
    """Return what an action returns, or None where it refuses in one sentence."""
    refusal = ""
    try:
        return action()
    except BadInput as error:
        refusal = str(error)
    assert len(refusal.splitlines()) == 1
    return None


def with_text(**texts: str) -> io.BytesIO:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text.encode("utf-8", "replace").decode(), zip=True)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    file.seek(0)
    return file


@several
@given(
    st.dictionaries(st.sampled_from(sorted(RECORD)), values, max_size=3),
    st.dictionaries(st.sampled_from(sorted(RECORD["params"])), values, max_size=3),
)
def test_records(parts: dict[str, Any], params: dict[str, Any]) -> None:
    record = {**RECORD, **parts}
    if isinstance(record["params"], dict):
        record["params"] = {**record["params"], **params}
    file = with_text(zimg=json.dumps(record))
    found = one_sentence(lambda: read_sent_record(file, "a.png"))
    if found is not None:
        assert is_record(found)
        entry = Entry(Path("a.png"), found)
        assert facts(entry, {name: pair[0] for name, pair in LABELS.items()})
        entry.prompt, entry.model, entry.seed, entry.created, entry.edit, entry.source  # noqa: B018


@several
@given(
    st.dictionaries(
        st.text("0123456789:", min_size=1, max_size=3),
        st.fixed_dictionaries(
            {},
            optional={
                "class_type": st.sampled_from(NODES) | values,
                "inputs": st.dictionaries(st.sampled_from(INPUTS), values | links) | values,
            },
        ) | values,
        max_size=12,
    )
)  # fmt: skip
def test_graphs(nodes: dict[str, Any]) -> None:
    for graph in (nodes, {**turbo(), **nodes}):
        texts = {"prompt": json.dumps(graph), "workflow": json.dumps({"nodes": [], "links": []})}
        found = one_sentence(lambda t=texts: read_sent_record(with_text(**t), "a.png"))
        if found is not None:
            json.dumps(found, allow_nan=False)
            one_sentence(lambda f=found: GenerationParams.from_dict(f["params"]))


@several
@given(values | st.text(max_size=200), st.booleans())
def test_yaml(tmp_path: Path, content: Any, words: bool) -> None:
    text = content if isinstance(content, str) else _dumped(content)
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    one_sentence(lambda: read_yaml(path, words=words))


def _dumped(content: Any) -> str:
    try:
        return yaml.safe_dump(content, allow_unicode=True)
    except (yaml.YAMLError, ValueError):
        return repr(content)


tensors = st.dictionaries(
    st.sampled_from(
        ["diffusion_model.layers.0.attention.to_q.lora_A.weight", "lora_unet__layers_0_x.alpha",
         "transformer.layers.1.feed_forward.w1.lora_B.weight", "x", "__metadata__",
         "layers.0.attention.qkv.lokr_w1", "layers.0.attention.qkv.hada_w1_a"]
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "dtype": st.sampled_from(["F32", "BF16", "F8_E4M3", "X"]) | values,
            "shape": st.lists(st.integers(-2, 2**40), max_size=3) | values,
            "data_offsets": st.lists(st.integers(-2, 2**40), max_size=3) | values,
            "ss_network_alpha": values, "lora_adapter_metadata": values, "ss_tag_frequency": values,
        },
    ) | values,
)  # fmt: skip


@several
@given(tensors, st.binary(max_size=64))
def test_headers_of_loras(tmp_path: Path, header: dict[str, Any], rest: bytes) -> None:
    raw = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + rest)
    report = one_sentence(lambda: inspect_lora(path))
    if report is not None:
        assert str(report)
        json.dumps(report.to_dict())


@several
@given(st.lists(st.sampled_from(["..", ".", "a", "link", ".trash", "b.png", "", "/", "\0", ".x"])))
def test_names_in_a_gallery(tmp_path: Path, parts: list[str]) -> None:
    gallery, outside = Gallery(tmp_path / "gallery"), tmp_path / "outside"
    outside.mkdir(exist_ok=True)
    (gallery.folder / "a").mkdir(parents=True, exist_ok=True)
    if not (gallery.folder / "link").is_symlink():
        (gallery.folder / "link").symlink_to(outside)
    name = "/".join(parts)
    names = Names(gallery.folder)
    given_name = one_sentence(lambda: names.name(name)) if "\0" not in name else None
    for found in [*names.inside([name]), *([given_name] if given_name else [])]:
        place = gallery.folder / found
        assert place.parent.resolve().is_relative_to(gallery.folder.resolve())
        assert not any(part.startswith(".") for part in found.split("/"))


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    with pytest.raises((BadInput, ValueError)):
        Gallery(tmp_path / "gallery").trash("a\0.png")
