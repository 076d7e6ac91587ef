"""GenerationParams: what is accepted, what is refused and how, hashes, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.errors import BadInput, limits
from zimg_kernel.params import MAX_SEED, GenerationParams, nearest_side, require_multiple


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"prompt": "x", "height": 0}, "out-of-range", "height"),
        ({"prompt": "x", "height": -64}, "out-of-range", "height"),
        ({"prompt": "x", "steps": 0}, "out-of-range", "steps"),
        ({"prompt": "x", "steps": 201}, "out-of-range", "steps"),
        ({"prompt": "x", "steps": 2.5}, "wrong-type", "steps"),
        ({"prompt": "x", "seed": -2}, "out-of-range", "seed"),
        ({"prompt": "x", "seed": MAX_SEED + 1}, "out-of-range", "seed"),
        ({"prompt": ""}, "empty-prompt", "prompt"),
        ({"prompt": " \n　"}, "empty-prompt", "prompt"),
        ({}, "missing-parameter", "prompt"),
        ({"prompt": None}, "wrong-type", "prompt"),
        ({"prompt": "x", "loras": {"a": None}}, "wrong-type", "loras"),
        ({"prompt": "x", "guidance": -1}, "out-of-range", "guidance"),
        ({"prompt": "x", "guidance": float("nan")}, "out-of-range", "guidance"),
        ({"prompt": "x", "count": 0}, "out-of-range", "count"),
        ({"prompt": "x", "shift": 0}, "out-of-range", "shift"),
        ({"prompt": "x", "cfg_truncation": 2}, "out-of-range", "cfg_truncation"),
        ({"prompt": "x", "embedding_noise": 1.5}, "out-of-range", "embedding_noise"),
        ({"prompt": "x", "loras": [("style", 9)]}, "out-of-range", "loras"),
        ({"prompt": "x", "loras": ["style", "style"]}, "named-twice", "loras"),
        (
            {"prompt": "x", "sampler": "unipc", "sigmas": "karras"},
            "sampler-without-sigmas",
            "sigmas",
        ),
        ({"prompt": "x", "num_inference_steps": 9}, "unknown-parameter", "num_inference_steps"),
        ({"prompt": "x", "widht": 256}, "unknown-parameter", "widht"),
    ],
)
def test_bad_fields_are_refused_in_one_sentence(
    fields: dict[str, object], code: str, field: str
) -> None:
    with refused(code, field) as caught:
        GenerationParams(**fields)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"width": 0}, "A side must be at least 1 px, not 0."),
        ({"steps": 201}, "Steps must lie between 1 and 200, not 201."),
        ({"shift": 0}, "Shift must lie between 0.1 and 20, not 0."),
        ({"seed": -2}, f"Seed -2 is out of range: take 0 to {MAX_SEED}, or -1 to have one drawn."),
        ({"steps": 0, "count": 0}, "Steps must lie between 1 and 200, not 0. "
         "The count of pictures must lie between 1 and 1000, not 0."),
    ],
)  # fmt: skip
def test_limits_of_the_schema_make_the_sentence(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        GenerationParams(prompt="x", **fields)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "meant"),
    [("num_inference_steps", "steps"), ("guidance_scale", "guidance"), ("widht", "width")],
)
def test_the_right_name_is_proposed(name: str, meant: str) -> None:
    with refused("unknown-parameter", name) as caught:
        GenerationParams(prompt="x", **{name: 1})
    assert meant in str(caught.value).replace(name, "")


def test_limits_and_descriptions_are_in_the_json_schema() -> None:
    fields = GenerationParams.model_json_schema()["properties"]
    assert all(field.get("description") for field in fields.values())
    steps = fields["steps"]["anyOf"][0]
    assert (steps["minimum"], steps["maximum"]) == (1, 200)
    assert fields["width"]["anyOf"][0]["minimum"] == 1
    assert (fields["seed"]["minimum"], fields["seed"]["maximum"]) == (-1, MAX_SEED)
    for name, field in GenerationParams.model_fields.items():
        low, high = limits(field)
        if low is not None and high is not None and name != "seed":
            assert f"{low:g} to {high:g}" in (field.description or "")
            assert f"{low:g} to {high:g}" in (GenerationParams.__doc__ or "")


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
    with refused("newer-schema", "schema_version"):
        GenerationParams.from_json(text)


@pytest.mark.parametrize("text", ["", "{", "[1]", "3"])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with refused("invalid-json"):
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


def test_a_lora_may_be_named_by_a_path() -> None:
    file = Path("loras") / "style.safetensors"
    expected = ((str(file), 0.5),)
    assert GenerationParams(prompt="x", loras={file: 0.5}).loras == expected
    assert GenerationParams(prompt="x", loras=[(file, 0.5)]).loras == expected
    assert GenerationParams(prompt="x", loras=file).loras == ((str(file), 1.0),)


def test_a_side_between_multiples_is_refused_with_the_nearest() -> None:
    require_multiple("width", 256)
    with refused("not-a-multiple", "width") as caught:
        require_multiple("width", 250)
    assert str(caught.value) == (
        "A side of 250 px is not a multiple of 16: the nearest valid one is 256 px."
    )
    with refused("not-a-multiple", "height"):
        require_multiple("height", 20, multiple=8)


def test_json_without_a_prompt_takes_a_given_one() -> None:
    fields = GenerationParams(prompt="-", seed=5).model_dump()
    text = json.dumps({**fields, "prompt": ""})
    assert GenerationParams.from_json(text, prompt="x") == GenerationParams(prompt="x", seed=5)
    with refused("empty-prompt"):
        GenerationParams.from_json(text)
