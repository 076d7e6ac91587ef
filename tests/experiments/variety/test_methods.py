"""The methods: what parameters they make, and that a picture's file has all of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.experiments.variety import METHODS, vary
from zimg_kernel.experiments.variety.seed_selection import farthest
from zimg_kernel.z_image.embeddings import with_noise

SMALL = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, seed=7, guidance=0
)


@pytest.mark.parametrize("method", list(METHODS))
def test_each_makes_n_that_differ_and_can_be_made_again(method: str, engine: LocalEngine) -> None:
    options = {"candidates": 5} if method == "far_noise" else {}
    # Steps enough to cancel a candidate before it is drawn, from which previews would learn.
    params = SMALL.replace(steps=8) if method == "far_noise" else SMALL
    made = vary(params, 3, method, engine=engine, **options)
    assert len({one.hash for one in made}) == 3
    assert all(one.count == 1 and one.seed >= 0 for one in made)
    assert len({one.seed for one in made}) == 3
    assert made == vary(params, 3, method, engine=engine, **options)
    assert len(engine.gallery) == 0  # first looks are not kept


def test_what_each_changes() -> None:
    assert [one.seed for one in vary(SMALL, 3)] == [7, 8, 9]
    assert {one.embedding_noise for one in vary(SMALL, 3, "embedding-noise", amount=0.2)} == {0.2}
    guided = vary(SMALL, 20, "early_guidance", strengths=(1, 2), until=0.2)
    assert all(1 <= one.guidance <= 2 and one.cfg_truncation == 0.2 for one in guided)
    assert len({one.guidance for one in guided}) > 10
    # Drawn by the picture's own seed: the same in another comparison.
    again = vary(SMALL.replace(seed=10), 1, "early_guidance", strengths=(1, 2), until=0.2)
    assert again[0] == guided[3]


def test_far_seeds_are_among_the_candidates() -> None:
    made = vary(SMALL, 3, "far_noise", look="noise", candidates=9)
    assert {one.seed for one in made} <= set(range(7, 16))
    assert [one.replace(seed=7) for one in made] == [SMALL] * 3


def test_the_farthest_points_are_taken() -> None:
    points = np.array([[0.0, 0], [0.1, 0], [10, 0], [10, 0.1], [5, 0], [0, 7]])
    assert farthest(points, 4) == [2, 5, 1, 4]
    assert farthest(points, 1) == [0]
    assert len(set(farthest(np.zeros((5, 2)), 4))) == 4
    assert farthest(points[:2], 5) == [0, 1]


@pytest.mark.parametrize(
    ("method", "options", "code"),
    [
        ("embeding_noise", {}, "unknown-method"),
        ("magic", {}, "unknown-method"),
        ("seeds", {"amount": 1}, "unknown-parameter"),
        ("embedding_noise", {"amount": 2}, "out-of-range"),
        ("far_noise", {"candidates": 2}, "out-of-range"),
        ("far_noise", {"look": "eyes"}, "unknown-choice"),
    ],
)
def test_what_cannot_be_done_is_said(method: str, options: dict, code: str) -> None:
    with refused(code):
        vary(SMALL, 3, method, **options)
    with refused("count-not-one", "count"):
        vary(SMALL.replace(count=2), 3)


def test_noise_is_measured_by_the_embeddings_and_drawn_by_the_seed() -> None:
    generator = torch.Generator().manual_seed(1)
    embeddings = torch.randn(200, 64, generator=generator) * torch.linspace(0.1, 4, 64)
    embeddings[0] = 1000
    assert with_noise(embeddings, 0.0, 1) is embeddings
    noisy = with_noise(embeddings, 0.5, 1)
    assert torch.equal(noisy[0], embeddings[0])
    added = (noisy - embeddings)[1:].std(0) / embeddings[1:].std(0)
    assert added.mean() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(noisy, with_noise(embeddings, 0.5, 1))
    assert not torch.equal(noisy, with_noise(embeddings, 0.5, 2))
    half = with_noise(embeddings.bfloat16(), 0.5, 1)
    assert half.dtype == torch.bfloat16


def test_a_noisy_picture_comes_again_from_its_file(engine: LocalEngine) -> None:
    def draw(params: GenerationParams) -> GeneratedImage:
        return engine.submit(params, preview="none").result()

    plain, noisy = draw(SMALL), draw(SMALL.replace(embedding_noise=0.8))
    assert noisy.image.tobytes() != plain.image.tobytes()
    again = draw(GeneratedImage.open(noisy.path).params)
    assert again.image.tobytes() == noisy.image.tobytes()
    # The prompt is kept without noise.
    assert draw(SMALL).image.tobytes() == plain.image.tobytes()


def test_records_from_before_have_no_noise() -> None:
    fields = SMALL.model_dump()
    del fields["embedding_noise"]
    old = GenerationParams.from_dict(fields)
    assert old == SMALL
    assert old.hash == SMALL.hash == SMALL.replace(embedding_noise=0).hash
