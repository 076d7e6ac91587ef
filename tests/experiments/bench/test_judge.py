"""Judges of a benchmark's pictures: lettering, likeness, items of prompts, and people."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams, get_card
from zimg_kernel.experiments.bench.cases import complexity_cases, size_cases
from zimg_kernel.experiments.bench.judge.aesthetic import Predictor, find_predictor
from zimg_kernel.experiments.bench.judge.lettering import Reading, lettering_scores, read_sign
from zimg_kernel.experiments.bench.judge.likeness import likeness_to, psnr, ssim
from zimg_kernel.experiments.bench.judge.people import (
    FILE,
    SET,
    people_scores,
    pictures_to_rate,
    read_answers,
)
from zimg_kernel.experiments.bench.judge.perceptual import lpips, why_no_lpips
from zimg_kernel.experiments.bench.judge.pictures import judge_picture
from zimg_kernel.experiments.bench.judge.prompts import (
    JudgedPrompt,
    graded_prompts,
    judged_prompts,
)
from zimg_kernel.experiments.bench.judge.result import judge_result, judged_cases
from zimg_kernel.experiments.bench.result import BenchResult, Case, CompetitorFacts, Run
from zimg_kernel.experiments.rating.pixel_hash import pixel_hash
from zimg_kernel.experiments.rating.store import Ratings
from zimg_kernel.experiments.suite.ocr import edit_distance
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.scenes import Scene, Thing
from zimg_kernel.nano.world.signs import Sign


def sign(text: str) -> Image.Image:
    pixels = draw(pack([Scene("sign", (), sign=Sign(text, 0.5, 0.5))]), 256, 256)[0]
    return Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy())


def photo(seed: int = 0, side: int = 64) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


@pytest.mark.parametrize(
    ("wanted", "found", "whole", "edits"),
    [("kitten", "sitting", True, 3), ("新春快乐", "新年快乐", True, 1), ("abc", "", True, 3),
     ("OPEN", "we are OPEN now", False, 0), ("OPEN", "we are OPEN", True, 7)],
)  # fmt: skip
def test_edit_distance(wanted: str, found: str, whole: bool, edits: int) -> None:
    assert edit_distance(wanted, found, whole) == edits


def test_accuracy_is_of_characters_by_language() -> None:
    readings = [Reading.of("新春快乐", "新年快乐"), Reading.of("ＳＡＬＥ", "big sale 50%"),
                Reading.of("EXIT", "")]  # fmt: skip
    assert [reading.edits for reading in readings] == [1, 0, 4]
    scores = lettering_scores(readings)
    assert scores["zh"].accuracy == 0.75
    assert scores["en"].accuracy == 0.5
    assert scores["all"].edits == 5
    assert scores["all"].low <= scores["all"].accuracy <= scores["all"].high
    assert "zh" not in lettering_scores(readings[1:])


@pytest.mark.slow
def test_a_wrong_character_on_a_sign_is_seen() -> None:
    assert read_sign(sign("新年快乐"), "新年快乐").edits == 0
    assert read_sign(sign("新年快乐"), "新春快乐").edits == 1
    assert read_sign(sign("OPEN"), "OPEN").accuracy == 1


def test_psnr_and_ssim() -> None:
    image = photo()
    assert likeness_to(image, image) | {"lpips": 0} == {"ssim": 1, "lpips": 0}
    changed = Image.fromarray((np.asarray(image) ^ 1).astype(np.uint8))
    assert psnr(image, changed) == pytest.approx(20 * np.log10(255))  # all pixels one off
    blurred = image.filter(ImageFilter.GaussianBlur(3))
    assert 0 < ssim(blurred, image) < ssim(changed, image) < 1
    with refused("invalid-size", "image"):
        psnr(image, photo(side=32))


def test_psnr_and_ssim_are_those_of_torchmetrics() -> None:
    image = pytest.importorskip("torchmetrics.functional.image")
    torch = pytest.importorskip("torch")
    first, second = photo(), photo(1).filter(ImageFilter.GaussianBlur(1))
    a, b = (torch.from_numpy(np.asarray(one) / 255).permute(2, 0, 1)[None]
            for one in (first, second))  # fmt: skip
    assert psnr(first, second) == pytest.approx(float(
        image.peak_signal_noise_ratio(a, b, data_range=1.0)))  # fmt: skip
    luma = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64)
    grey = [torch.tensordot(one, luma, ([1], [0]))[:, None] for one in (a, b)]
    _, everywhere = image.structural_similarity_index_measure(
        *grey, data_range=1.0, return_full_image=True
    )
    wanted = everywhere[..., 5:-5, 5:-5].mean()  # its mean counts the mirrored edge, too
    assert ssim(first, second) == pytest.approx(float(wanted), abs=1e-6)


def test_lpips_is_absent_with_a_reason_where_its_net_is_not_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert lpips(photo(), photo(1)) is None
    assert "lpips" not in likeness_to(photo(), photo(1))
    assert why_no_lpips().startswith("LPIPS was not measured: ")
    torchvision = pytest.importorskip("torchvision", exc_type=(ImportError, RuntimeError))
    name = Path(torchvision.models.AlexNet_Weights.DEFAULT.url).name
    file = tmp_path / "hub" / "checkpoints" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"half a download")
    assert f"{name} is damaged" in why_no_lpips()


def test_lpips_where_its_net_is_at_hand() -> None:
    if why := why_no_lpips():
        pytest.skip(why)
    image = photo()
    near = lpips(image.filter(ImageFilter.GaussianBlur(1)), image)
    far = lpips(photo(1), image)
    assert lpips(image, image) == 0
    assert near is not None
    assert far is not None
    assert 0 < near < far < 2


@pytest.mark.parametrize("kind", ["AestheticsPredictorV1", "AestheticsPredictorV2ReLU"])
def test_an_aesthetic_predictor_is_found_and_asked(kind: str, tmp_path: Path) -> None:
    """Random weights, in a folder as the hubs keep it."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    assert find_predictor() is None
    place = tmp_path / "huggingface" / "models--x--aesthetics-predictor" / "snapshots" / "1"
    torch.manual_seed(0)
    clip = CLIPVisionModelWithProjection(CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        image_size=32, patch_size=16, projection_dim=8)).eval()  # fmt: skip
    clip.save_pretrained(place)
    processor = CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    processor.save_pretrained(place)
    config = json.loads((place / "config.json").read_text()) | {"architectures": [kind]}
    (place / "config.json").write_text(json.dumps(config))
    if kind.endswith("V1"):
        head = torch.nn.Sequential(torch.nn.Linear(8, 1))
        names = {"predictor": head[0]}
    else:
        head = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
        names = {"layers.0": head[0], "layers.3": head[2]}
    tensors = load_file(place / "model.safetensors")
    for name, layer in names.items():
        tensors |= {f"{name}.weight": layer.weight.data, f"{name}.bias": layer.bias.data}
    save_file(tensors, place / "model.safetensors")

    assert find_predictor() == place
    with torch.inference_mode():
        embedding = clip(**processor(images=photo(), return_tensors="pt")).image_embeds
        wanted = head(embedding / embedding.norm())
    assert Predictor(place).score(photo()) == pytest.approx(float(wanted), abs=1e-6)
    (place / "model.safetensors").write_bytes(b"half a download")
    with refused("clip-unreadable", "features"):
        Predictor(place)


def test_items_are_judged_one_by_one_and_what_cannot_be_is_absent() -> None:
    prompt = JudgedPrompt(
        id="one",
        prompt='a sign that says "OPEN"',
        items={
            "characters": [{"kind": "sign", "says": "OPEN"}],
            "wrong": [{"kind": "sign", "says": "SHUT"}],
            "mood": None,
            "like": [{"kind": "clip", "min_score": 25}],
        },
    )
    image = GeneratedImage(sign("OPEN"), GenerationParams(prompt="any"))
    found = judge_picture(image, prompt, get_card("nano-turbo"))
    assert found.values["check: characters"] == 1
    assert found.values["check: wrong"] == 0
    assert found.values["score"] == 0.5
    assert not {"check: mood", "check: like"} & set(found.values)
    assert {"check: mood", "check: like", "check: wrong"} <= set(found.notes)
    assert found.values["edits"] == 0
    # The miniature's judge is not asked about another model's pictures.
    assert "check: characters" not in judge_picture(image, prompt, None).values


@pytest.mark.parametrize("suite", ["quality", "checklist"])
def test_every_family_has_prompts_with_items(suite: str) -> None:
    for family in ("nano", "full"):
        prompts = judged_prompts(suite, family)
        assert len({one.id for one in prompts}) == len(prompts) > 8
        assert {one.language for one in prompts} == {"zh", "en"}
        assert any(one.lettering for one in prompts)
    with refused("unknown-choice", "suite"):
        judged_prompts("beauty")


def result_with_pictures(folder: Path) -> BenchResult:
    cases = [one for one in judged_cases("checklist", "nano") if one.name.startswith("phrase-")][:2]
    runs = []
    for number, (case, text) in enumerate(zip(cases, ("新品上市", "夏夏秋冬"), strict=True)):
        sign(text).save(folder / f"{number}.png")
        runs.append(Run(number=number, competitor="nano-turbo", case=case.name, round=0,
                        started=datetime.now(UTC), picture=f"{number}.png"))  # fmt: skip
    runs.append(runs[0].model_copy(update={"number": 2, "picture": "gone.png", "values": {}}))
    facts = CompetitorFacts(name="nano-turbo", kind="engine", facts={"model": "nano-turbo"})
    return BenchResult(suite="checklist", created=datetime.now(UTC), competitors=[facts],
                       cases=cases, runs=runs)  # fmt: skip


def test_all_pictures_of_a_result_are_judged(tmp_path: Path) -> None:
    result = judge_result(result_with_pictures(tmp_path), tmp_path)
    assert [run.values.get("check: characters") for run in result.runs] == [1, 0, None]
    assert [run.values.get("edits") for run in result.runs] == [0, 1, None]


def test_prompts_of_other_suites_are_judged_where_a_machine_can(tmp_path: Path) -> None:
    known = graded_prompts()
    for cards in ([get_card("nano-turbo")], [get_card("z-image-turbo")]):
        for cases in (complexity_cases(cards), size_cases(cards)):
            assert any(case.params["prompt"] in known for case in cases)
    prompt = "a red circle"
    scene = Scene("single", (Thing("circle", "red", 0.5, 0.5, 0.26),))
    pixels = draw(pack([scene]), 128, 128)[0]
    picture = Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy())
    picture.save(tmp_path / "0.png")
    case = Case(name="simple-en", params={"prompt": prompt})
    run = Run(number=0, competitor="nano-turbo", case=case.name, round=0,
              started=datetime.now(UTC), picture="0.png")  # fmt: skip
    facts = CompetitorFacts(name="nano-turbo", kind="engine", facts={"model": "nano-turbo"})
    result = BenchResult(suite="complexity", created=datetime.now(UTC), competitors=[facts],
                         cases=[case], runs=[run])  # fmt: skip
    assert judge_result(result, tmp_path).runs[0].values["score"] == 1


def test_a_picture_that_is_too_large_is_left_out_of_the_ratings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = result_with_pictures(tmp_path)
    monkeypatch.setattr("zimg_kernel.images.open_file.MAX_PIXELS", 200 * 200)
    assert pictures_to_rate([(result, tmp_path)]) == []
    photo().save(tmp_path / "0.png")
    [small] = pictures_to_rate([(result, tmp_path)])
    with Image.open(small) as image:
        Ratings(tmp_path / FILE, SET, "stars").put("a", pixel_hash(image), 4)
    groups = [("good", small), ("large", tmp_path / "1.png")]
    scores = people_scores(groups, read_answers(tmp_path / FILE))
    assert scores is not None
    assert [row["group"] for row in scores.rows] == ["good"]
    assert len(scores.unread) == 1
    assert scores.unread[0].startswith("1.png cannot be read")


def test_ratings_of_three_people_lie_beside_the_result(tmp_path: Path) -> None:
    result = result_with_pictures(tmp_path)
    files = pictures_to_rate([(result, tmp_path)])
    assert [path.name for path in files] == ["0.png", "1.png"]
    groups = [("good", files[0]), ("bad", files[1])]
    assert people_scores(groups, read_answers(tmp_path / FILE)) is None
    store = Ratings(tmp_path / FILE, SET, "stars")
    for rater, stars in (("a", (5, 2)), ("b", (4, 1)), ("c", (5, 1))):
        for path, value in zip(files, stars, strict=True):
            with Image.open(path) as image:
                store.put(rater, pixel_hash(image), value)
    scores = people_scores(groups, read_answers(tmp_path / FILE))
    assert scores is not None
    assert [row["mean"] for row in scores.rows] == pytest.approx([14 / 3, 4 / 3])
    assert scores.raters == ["a", "b", "c"]
    assert scores.alpha > 0.7
