"""The text of A1111 and the tools that write the same: quotes, lines, tags, encodings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from foreign_files import A1111, png, read, refusal, with_exif
from refusals import refused
from zimg_kernel import GeneratedImage
from zimg_kernel.images.metadata import read_record

FACTS = "Steps: 8, Sampler: Euler, CFG scale: 1, Seed: 5, Size: 64x64"
EXPECTED = ("a red circle", "blur", 8, 5, 0.0)
NAMES = ("prompt", "negative_prompt", "steps", "seed", "guidance")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A1111, EXPECTED),
        (A1111.replace("\n", "\r\n") + "\r\n", EXPECTED),
        (f"{A1111}, ADetailer prompt: \"face, Seed: 999, Steps: 99\", Version: neo", EXPECTED),
        (f'{A1111}, Template: "a {{red|blue}} circle\nSteps: 9, Sampler: X, Seed: 4"', EXPECTED),
        (f'{A1111}, Note: "say \\"Steps: 3, Seed: 1\\"", Version: f2.0', EXPECTED),
        (f"{A1111}\nTemplate: a {{red|blue}} circle, Steps: 9, Seed: 4", EXPECTED),
        (f'{A1111}, Hashes: {{"vae": "1, Steps: 2", "model": "b"}}, Version: v1.10', EXPECTED),
        (f'{A1111}, Civitai resources: [{{"type":"checkpoint","weight":1,"Steps":"2"}}], '
         "Civitai metadata: {}", EXPECTED),
        ("a red circle\nNegative prompt: blur\nSteps: 8\nSampler: DPM++ 2M, Karras\n"
         "CFG scale: 1.0\nSeed: 5\n", EXPECTED),
        ("a red circle\nNegative prompt: blur\nSteps: 8, CFG scale: 1, Seed: 5", EXPECTED),
        ("a red circle\nNegative prompt: blur\nSeed: 5, CFG scale: 1, Steps: 8", EXPECTED),
        ("a red circle. Negative prompt: blur Steps: 8, Sampler: Euler, CFG scale: 1, Seed: 5",
         ("a red circle.", *EXPECTED[1:])),
        (f"a red circle\n{FACTS}", ("a red circle", "", 8, 5, 0.0)),
        (f"a red circle\nand a blue one\n\nNegative prompt: blur\nnoise\n{FACTS}",
         ("a red circle\nand a blue one", "blur\nnoise", 8, 5, 0.0)),
        (f'a sign "Negative prompt: none"\nNegative prompt: blur\n{FACTS}',
         ('a sign "Negative prompt: none"', *EXPECTED[1:])),
        (f"a sign that says Negative prompt: none\n{FACTS}",
         ("a sign that says Negative prompt: none", "", 8, 5, 0.0)),
        (f"Steps: of stone, a red circle\n{FACTS}",
         ("Steps: of stone, a red circle", "", 8, 5, 0.0)),
        (f"Steps: 3, Seed: 4\nis what the sign says\n{FACTS}",
         ("Steps: 3, Seed: 4\nis what the sign says", "", 8, 5, 0.0)),
        (f"红色的圆，写着“你好”\nNegative prompt: 模糊\n{FACTS}",
         ("红色的圆，写着“你好”", "模糊", 8, 5, 0.0)),
        (f"a red circle\n{FACTS.replace('CFG scale: 1', 'CFG scale: 4.50')}",
         ("a red circle", "", 8, 5, 3.5)),
    ],
)  # fmt: skip
def test_texts_of_many_forms_are_read(tmp_path: Path, text: str, expected: Any) -> None:
    assert read(png(tmp_path / "a.png", parameters=text), *NAMES) == expected


@pytest.mark.parametrize(
    ("prompt", "left", "loras"),
    [
        ("a red circle <lora:zit_style:0.8>", "a red circle", {"zit_style": 0.8}),
        ("<lora:a:1>, a red circle, <lora:b:-0.5:0.7>, big", "a red circle, big",
         {"a": 1.0, "b": 0.7}),
        ("a <lora:a> red <lyco:sub/b:te=0.1:unet=0.4> circle", "a red circle",
         {"a": 1.0, "sub/b": 0.4}),
        ("a red circle <lora:a:0>", "a red circle", {}),
        ("a <b> red circle <lora:>", "a <b> red circle <lora:>", {}),
    ],
)  # fmt: skip
def test_lora_tags_leave_the_prompt(
    tmp_path: Path, prompt: str, left: str, loras: dict[str, float]
) -> None:
    found = read(png(tmp_path / "a.png", parameters=f"{prompt}\n{FACTS}"), "prompt", "loras")
    assert (found[0], dict(found[1])) == (left, loras)


def test_loras_and_shift_under_other_names(tmp_path: Path) -> None:
    fooocus = f'{A1111}, Lora hashes: "style: a1, b: c2", Lora weights: "style: 0.8, b: 0.5"'
    assert dict(read(png(tmp_path / "a.png", parameters=fooocus), "loras")) == {
        "style": 0.8,
        "b": 0.5,
    }
    next_ = "a red circle\nSteps: 8, Sampler: Default, Seed: 5, Sampler shift: 3, App: SD.Next"
    path = png(tmp_path / "b.png", parameters=next_)
    assert read(path, "sampler", "shift") == ("euler", 3.0)
    assert "notes" not in read_record(path)["foreign"]


def test_what_cannot_be_taken_over_is_told(tmp_path: Path) -> None:
    text = "a <lora:a:9>\nSteps: 8, Sampler: DPM++ 2M, Schedule type: Turbo, Seed: 5, Shift: 3"
    record = read_record(png(tmp_path / "a.png", parameters=text))
    assert (record["params"]["sampler"], record["params"]["sigmas"]) == ("euler", "linear")
    assert (record["params"]["shift"], record["params"]["loras"]) == (3.0, ())
    told = " ".join(record["foreign"]["notes"])
    assert all(word in told for word in ("DPM++ 2M", "Turbo", "LoRA a"))


def test_our_own_text_comes_back(tmp_path: Path) -> None:
    from zimg_kernel.images.a1111_text import a1111_text
    from zimg_kernel.params import GenerationParams

    params = GenerationParams(
        prompt="红色的圆\nsecond line", negative_prompt="blur", width=64, height=64, steps=8,
        guidance=2.5, seed=2**64 - 1, sampler="lcm", sigmas="beta", shift=4.5,
        loras={"style": 0.8, "sub/b": -1},
    )  # fmt: skip
    path = png(tmp_path / "a.png", parameters=a1111_text({"params": params.model_dump()}))
    record = read_record(path)
    assert GenerationParams(**record["params"]) == params.replace(model=None)
    assert record["software"] == "zimg workbench"


ENCODED = {
    "BE": b"UNICODE\0" + A1111.encode("utf-16-be"),
    "LE": b"UNICODE\0" + A1111.encode("utf-16-le"),
    "BOM": b"UNICODE\0" + A1111.encode("utf-16"),
    "LE, chinese": b"UNICODE\0" + A1111.replace("circle", "圆" * 200).encode("utf-16-le"),
    "BE, chinese": b"UNICODE\0" + A1111.replace("circle", "圆" * 200).encode("utf-16-be"),
    "UTF-8": b"UNICODE\0" + A1111.encode(),
    "ASCII": b"ASCII\0\0\0" + A1111.encode(),
    "ASCII with UTF-8": b"ASCII\0\0\0" + A1111.replace("circle", "圆").encode(),
    "JIS": b"JIS\0\0\0\0\0" + A1111.replace("circle", "円").encode("iso2022_jp"),
    "undefined": bytes(8) + A1111.replace("circle", "圆").encode(),
    "none": A1111.encode(),
    "none, LE": A1111.encode("utf-16-le"),
    "text": A1111,
    "ends with NUL": b"ASCII\0\0\0" + A1111.encode() + b"\0\0",
}


@pytest.mark.parametrize("ending", ["jpg", "webp", "avif", "png"])
@pytest.mark.parametrize("encoding", ENCODED)
def test_user_comments_of_every_encoding_are_read(
    tmp_path: Path, encoding: str, ending: str
) -> None:
    path = with_exif(tmp_path / f"a.{ending}", ENCODED[encoding])
    assert read(path, "negative_prompt", "steps", "seed") == ("blur", 8, 5)
    wanted = A1111 if encoding not in ("LE, chinese", "BE, chinese") else "a red " + "圆" * 200
    assert read(path, "prompt")[:6] == wanted[:6]


def test_texts_in_other_places_are_read(tmp_path: Path) -> None:
    from PIL import Image, PngImagePlugin

    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + A1111.encode("utf-16-be")
    raw = exif.tobytes().hex()
    lines = [raw[at : at + 72] for at in range(0, len(raw), 72)]
    profile = "\n".join(["", "exif", f"{len(raw) // 2:8}", *lines, ""])  # as ImageMagick has it
    paths = [
        png(tmp_path / "a.png", packed=True, **{"Raw profile type exif": profile}),
        with_exif(tmp_path / "b.jpg", tags={0x9C9C: A1111.encode("utf-16-le")}),  # XPComment
        with_exif(tmp_path / "c.webp", tags={0x010E: A1111.encode()}),  # ImageDescription
    ]
    Image.new("RGB", (64, 64)).save(tmp_path / "d.jpg", comment=A1111.encode())
    for encoding, text in (("utf-8", "圆"), ("latin-1", "é")):
        info = PngImagePlugin.PngInfo()
        info.add(b"tEXt", b"parameters\0" + A1111.replace("blur", f"blur{text}").encode(encoding))
        paths.append(tmp_path / f"{encoding}.png")
        Image.new("RGB", (64, 64)).save(paths[-1], pnginfo=info)
        assert read(paths[-1], "negative_prompt") == f"blur{text}"
    for path in (*paths, tmp_path / "d.jpg"):
        assert read(path, "prompt", "steps", "seed") == ("a red circle", 8, 5)


def test_a_photograph_has_no_parameters(tmp_path: Path) -> None:
    described = b"ASCII\0\0\0A great hike\nModel: Nikon Z, Size: 20x30"
    for comment in (
        described,
        b"ASCII\0\0\0My holiday: Rome, Seed: of doubt",
        b"ASCII\0\0\0" + bytes(56),
    ):
        with refused("no-parameters-in-picture"):
            read_record(with_exif(tmp_path / "a.jpg", comment, {0x010F: "Nikon"}))


@pytest.mark.parametrize(
    "text",
    ["Steps: 8, Seed: 5, " + 'a: "' * 60_000, "Steps: 8, Seed: 5, " + "a: [{" * 50_000,
     "Steps: 8, Seed: 5\n" * 10_000, "<lora:" * 40_000, " " * 200_000 + "x\nSteps: 1, Seed: 1",
     "Steps: 8, Seed: 5" + ", x" * 90_000, "Negative prompt:" * 15_000],
)  # fmt: skip
def test_long_texts_take_no_time(tmp_path: Path, text: str) -> None:
    path = png(tmp_path / "a.png", parameters=f"a red circle\n{text}")
    start = time.thread_time()
    assert refusal(path.read_bytes()) in (None, "no-parameters-in-picture")
    assert time.thread_time() - start < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FACTS, ("", "", 8, 5, 0.0)),
        (f"\nNegative prompt: blur\n{FACTS}", ("", *EXPECTED[1:])),
        (A1111.replace("CFG scale: 1", "CFG scale: nan"), (*EXPECTED[:4], None)),
        (A1111.replace("CFG scale: 1", "CFG scale: inf"), (*EXPECTED[:4], None)),
        (A1111.replace("Seed: 5", "Seed: None"), ("a red circle", "blur", 8, -1, 0.0)),
    ],
)
def test_settings_without_a_prompt_or_a_number_are_read(
    tmp_path: Path, text: str, expected: Any
) -> None:
    path = png(tmp_path / "a.png", parameters=text)
    assert read(path, *NAMES) == expected
    told = read_record(path)["foreign"].get("notes", [])
    assert len(told) == (not expected[0])
    if not expected[0]:
        with refused("empty-prompt"):
            GeneratedImage.open(path)
