"""Answers and messages of servers, whatever stands in them."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zimg_kernel.comfy_client.history import is_error, seconds_of
from zimg_kernel.comfy_client.messages import Executing, Preview, Progress, files_of, parse
from zimg_kernel.comfy_client.names import _best, _options
from zimg_kernel.comfy_client.refusals import failed, invalid_prompt
from zimg_kernel.comfy_client.steps import Steps, as_jpeg
from zimg_kernel.comfy_client.system import System
from zimg_kernel.comfy_client.template import load_template
from zimg_kernel.comfy_client.workflow import denoise_of
from zimg_kernel.edit.plan import steps_run

KEYS = st.sampled_from(
    ["type", "data", "prompt_id", "node", "value", "max", "output", "images", "filename", "error",
     "message", "node_errors", "errors", "extra_info", "input_name", "status", "messages",
     "system", "devices", "vram_total"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["progress", "executing", "executed", "execution_error", "error"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
OBJECT = st.dictionaries(KEYS, JSON, max_size=5)


class _Server:
    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told

    def stats(self) -> dict[str, Any]:
        return self._told


@settings(max_examples=60, deadline=None)
@given(told=OBJECT, raw=st.binary(max_size=64))
def test_whatever_a_server_says_ends_in_values_or_one_sentence(
    told: dict[str, Any], raw: bytes
) -> None:
    parse(json.dumps(told))
    parse(raw)
    parse(struct.pack(">II", 4, 2) + raw)
    as_jpeg(raw)
    files_of(told)
    _options(told.get("value"))
    is_error(told)
    seconds_of(told)
    for error in (invalid_prompt("http://x", told), failed("http://x", told)):
        assert "\n" not in str(error)
        assert len(str(error)) < 500
    assert System.of(_Server(told)).version  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "code", "field"),
    [
        ({"error": {"type": "invalid_prompt", "message": "Cannot execute because node X does not "
                    "exist."}, "node_errors": []}, "comfy-node-missing", None),
        ({"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"3": {
            "class_type": "KSampler", "errors": [{"message": "Value 0 smaller than min of 1",
            "details": "steps", "extra_info": {"input_name": "steps"}}]}}},
         "comfy-invalid", "steps"),
        ({"error": "no"}, "comfy-invalid", None),
    ],
)  # fmt: skip
def test_refusals_of_graphs_in_old_and_new_words(
    answer: dict[str, Any], code: str, field: str | None
) -> None:
    error = invalid_prompt("http://x", answer)
    assert (error.code, error.field) == (code, field)


def test_a_node_without_its_prompt_is_no_end() -> None:
    after = json.dumps({"type": "executing", "data": {"node": "3"}})
    assert parse(after) == Executing("", "3")


def test_steps_are_told_once_and_in_order() -> None:
    told: list[tuple[int, int, bool]] = []
    steps = Steps("p", "3", lambda *step: told.append((step[0], step[1], step[2] is not None)),
                  wanted=True)  # fmt: skip
    for message in (
        Progress("p", "3", 1, 4), Progress("p", "8", 1, 9), Progress("other", "3", 3, 4),
        Progress("p", "3", 2, 4), Preview("other", b""), Progress("p", "3", 2, 4),
        Progress("p", "3", 9, 4), None,
    ):  # fmt: skip
        steps.take(message)
    assert told == [(1, 4, False), (2, 4, False)]


@pytest.mark.parametrize(
    ("model", "files", "best"),
    [
        ("z-image-turbo", ["z_image_turbo_fp8.safetensors", "z_image_turbo_bf16.safetensors"], 1),
        ("z-image-turbo", ["sub/Z-Image-Turbo.safetensors", "z_image_bf16.safetensors"], 0),
        ("z-image-turbo", ["zImageTurbo_v1.safetensors"], 0),
        ("z-image", ["z_image_turbo_bf16.safetensors", "z_image_bf16.safetensors"], 1),
        ("z-image", ["z_image_turbo_bf16.safetensors", "z_image_omni_base.safetensors"], None),
        ("z-image-turbo", ["z_image_turbo_fun_controlnet_union.safetensors", "flux.sft"], None),
        ("nano-turbo", ["nano-turbo.safetensors"], 0),
    ],
)
def test_a_models_file_is_found_by_its_name(model: str, files: list[str], best: int | None) -> None:
    assert _best(model, files) == (None if best is None else files[best])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.floats(0.001, 1))
def test_as_many_steps_are_run_as_by_the_engine_of_this_process(
    steps: int, strength: float
) -> None:
    run, denoise = denoise_of(steps, strength)
    assert run == steps_run(steps, strength)
    assert int(run / denoise) == steps
    assert 0 < denoise <= 1


@pytest.mark.parametrize("name", ["text_to_image", "image_to_image", "inpaint"])
def test_templates_hold_together(name: str) -> None:
    template = load_template(name)
    assert template.version >= 1
    for guided in (True, False):
        for shift in (None, 3.0):
            graph = template.filled({"shift": shift}, guided=guided, loras=[("a", 1), ("b", 2)])
            links = [v for n in graph.values() for v in n["inputs"].values() if isinstance(v, list)]
            assert {link[0] for link in links} < set(graph)
            reached, open_nodes = set(), [template.output]
            while open_nodes:
                node = open_nodes.pop()
                reached.add(node)
                open_nodes += [v[0] for v in graph[node]["inputs"].values() if isinstance(v, list)]
            assert reached == set(graph)


def test_a_long_reason_is_shown_to_be_cut() -> None:
    said = {"exception_message": "much " * 100, "node_type": "KSampler"}
    text = str(failed("http://x", {"messages": [["execution_error", said]]}))
    assert text.endswith("...).")
    assert len(text) < 400
