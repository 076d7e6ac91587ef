"""GenerationParams: what is accepted, what is refused and how, hashes, JSON."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from zimg_kernel.errors import BadInput
from zimg_kernel.params import MAX_SEED, GenerationParams, nearest_side


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": "x", "width": 250}, "nearest valid one is 256 px"),
        ({"prompt": "x", "height": 0}, "nearest valid one is 16 px"),
        ({"prompt": "x", "height": -64}, "nearest valid one is 16 px"),
        ({"prompt": "x", "steps": 0}, "between 1 and 200"),
        ({"prompt": "x", "steps": 201}, "between 1 and 200"),
        ({"prompt": "x", "steps": 2.5}, "steps cannot be 2.5"),
        ({"prompt": "x", "seed": -2}, "-1 to have one drawn"),
        ({"prompt": "x", "seed": MAX_SEED + 1}, "out of range"),
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": " \n　"}, "prompt is empty"),
        ({}, "prompt is missing"),
        ({"prompt": None}, "prompt cannot be None"),
        ({"prompt": "x", "guidance": -1}, "Guidance must lie between 0 and 30"),
        ({"prompt": "x", "guidance": float("nan")}, "Guidance must lie between"),
        ({"prompt": "x", "count": 0}, "between 1 and 1000"),
        ({"prompt": "x", "shift": 0}, "Shift must lie between"),
        ({"prompt": "x", "cfg_truncation": 2}, "between 0 and 1"),
        ({"prompt": "x", "embedding_noise": 1.5}, "embedding_noise must lie between 0 and 1"),
        ({"prompt": "x", "sampler": "ddim"}, "'euler', 'lcm' or 'unipc'"),
        ({"prompt": "x", "sampler": "unipc", "sigmas": "karras"}, "karras sigmas go with"),
        ({"prompt": "x", "num_inference_steps": 9}, "did you mean steps?"),
        ({"prompt": "x", "guidance_scale": 1}, "did you mean guidance?"),
        ({"prompt": "x", "widht": 256}, "did you mean width?"),
        ({"prompt": "x", "zzz": 1}, "known are"),
    ],
)
def test_bad_fields_are_refused_in_one_sentence(fields: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        GenerationParams(**fields)
    message = str(caught.value)
    assert said in message
    assert "\n" not in message
    assert message.endswith((".", "?"))


def test_params_are_frozen_and_equal_by_value() -> None:
    params = GenerationParams(prompt="x", seed=1)
    with pytest.raises(Exception, match="frozen"):
        params.seed = 2  # type: ignore[misc]
    assert params == GenerationParams(prompt="x", seed=1)
    assert len({params, GenerationParams(prompt="x", seed=1)}) == 1


def test_json_round_trip() -> None:
    params = GenerationParams(prompt="红色的圆“你好”", seed=MAX_SEED, guidance=2.5, width=512)
    assert GenerationParams.from_json(params.to_json()) == params
    assert GenerationParams.model_validate_json(params.model_dump_json()) == params


def test_what_an_older_version_wrote_can_be_read() -> None:
    assert GenerationParams.from_json('{"prompt": "x", "schema_version": 1}').prompt == "x"


def test_what_a_newer_version_wrote_is_refused_by_name() -> None:
    text = json.dumps({"prompt": "x", "schema_version": 9, "lora": "a"})
    with pytest.raises(BadInput, match=r"newer zimg workbench.*lora.*upgrade"):
        GenerationParams.from_json(text)


@pytest.mark.parametrize("text", ["", "{", "[1]", "3"])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="JSON"):
        GenerationParams.from_json(text)


def test_hash_is_stable_across_versions_and_processes() -> None:
    # A literal on purpose: files name pictures by it, so it must never change.
    params = GenerationParams(prompt="红色的圆", model="nano-turbo", seed=42, width=256)
    expected = "d81d7efd42ebef37beda2cf131c266077e3ae4ee73f9c9f669cd65f7c23a0a6a"
    assert params.hash == expected
    code = (
        "from zimg_kernel import GenerationParams as P;"
        "print(P(width=256, seed=42, model='nano-turbo', prompt='红色的圆').hash)"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert again.stdout.strip() == expected


def test_every_field_changes_the_hash() -> None:
    base = GenerationParams(prompt="x")
    changes = {
        "model": "m", "prompt": "y", "negative_prompt": "z", "width": 256, "height": 256,
        "steps": 8, "guidance": 1.0, "seed": 1, "count": 2, "sampler": "lcm", "sigmas": "karras",
        "shift": 2.0, "cfg_normalization": True, "cfg_truncation": 0.5,
        "embedding_noise": 0.3, "loras": (("style", 0.5),),
        "edit": {"kind": "vary", "source": "0" * 64},
    }  # fmt: skip
    assert set(changes) == set(GenerationParams.model_fields) - {"schema_version"}
    hashes = {base.replace(**{name: value}).hash for name, value in changes.items()}
    assert len(hashes | {base.hash}) == len(changes) + 1


def test_a_drawn_seed_is_reported_and_differs() -> None:
    drawn = {GenerationParams(prompt="x").with_seed().seed for _ in range(8)}
    assert len(drawn) == 8
    assert all(seed >= 0 for seed in drawn)
    assert GenerationParams(prompt="x", seed=0).with_seed().seed == 0


def test_singles_count_seeds_up_and_wrap() -> None:
    singles = GenerationParams(prompt="x", seed=MAX_SEED, count=3).singles()
    assert [(p.seed, p.count) for p in singles] == [(MAX_SEED, 1), (0, 1), (1, 1)]


@pytest.mark.parametrize(("value", "side"), [(250, 256), (1, 16), (1004, 1008), (9999, 1536)])
def test_nearest_side(value: int, side: int) -> None:
    assert nearest_side(value, high=1536) == side


def test_importing_the_package_is_quick_and_brings_no_torch() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import zimg_kernel;"
        "from zimg_kernel import GenerationParams, Gallery, GeneratedImage, LocalEngine;"
        "print('torch' in sys.modules, 'diffusers' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]
