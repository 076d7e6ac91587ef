"""A family of one's own, written here alone, from card to picture, edit, form, grid and gallery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine, edit, get_card
from zimg_kernel.engine.events import Step
from zimg_kernel.experiments.grid import Grid
from zimg_kernel.families import ModelFamily, get_family, registry
from zimg_kernel.families.family import StepCallback, stop_by
from zimg_kernel.nano import TURBO
from zimg_kernel.nano.models import make_encoder, make_vae
from zimg_widgets.form.widget import ParamsForm
from zimg_widgets.gallery.widget import GalleryView

PLAIN = {"prompt": "anything", "model": "toy", "width": 72, "height": 64, "steps": 4, "seed": 1}


class ToyPipeline(diffusers.DiffusionPipeline):  # type: ignore[misc]
    """Noise, or a picture in it, denoised by a UNet with classifier-free guidance."""

    def __init__(
        self, vae: Any, text_encoder: Any, tokenizer: Any, unet: Any, scheduler: Any
    ) -> None:
        super().__init__()
        self.register_modules(
            vae=vae, text_encoder=text_encoder, tokenizer=tokenizer, unet=unet, scheduler=scheduler
        )
        self.image_processor = diffusers.image_processor.VaeImageProcessor(vae_scale_factor=8)

    @torch.no_grad()
    def __call__(
        self, prompt: Any, negative: Any, latents: Any, scale: float, times: Any, on_step: Any
    ) -> Any:
        self._interrupt = False
        for index, time in enumerate(times):
            if self._interrupt:
                break
            noise = self.unet(latents, time, prompt).sample
            if negative is not None:
                without = self.unet(latents, time, negative).sample
                noise = without + scale * (noise - without)
            latents = self.scheduler.step(noise, time, latents).prev_sample
            on_step(self, index, time, {"latents": latents})
        return latents


class Toy(ModelFamily):
    """Toy family: DDIM over latents of 4 channels, a guidance scale of which 1 is none."""

    title = "Toy"
    side_multiple = 8
    samplers = ("ddim",)
    midway_samplers = ("ddim",)
    no_guidance = 1.0
    without_effect = frozenset({"shift", "embedding_noise"})

    def count_tokens(self, files: Path, text: str) -> int:
        return len(text.split())

    def encode(self, model: Any, text: str, use: str) -> Any:
        ids = model.pipe.tokenizer(text or "nothing", return_tensors="pt").input_ids
        with torch.no_grad():
            return model.pipe.text_encoder(input_ids=ids).last_hidden_state

    def scheduler(self, model: Any, params: Any, generator: Any) -> Any:
        return diffusers.DDIMScheduler.from_config(model.base_scheduler.config)

    def start(self, model: Any, params: Any, generator: Any) -> Any:
        size = (1, self.channels, params.height // self.cell, params.width // self.cell)
        return torch.randn(size, generator=generator)

    def call(
        self, pipe: Any, params: Any, prompt: Any, negative: Any, on_step: StepCallback, **more: Any
    ) -> Any:
        pipe.scheduler.set_timesteps(params.steps)
        times, latents = pipe.scheduler.timesteps, more.get("latents")
        if latents is None:
            times = times[int(params.steps * (1 - more["strength"])) :]
            picture = pipe.image_processor.preprocess(more["image"])
            with torch.no_grad():
                clean = pipe.vae.encode(picture).latent_dist.mode() * pipe.vae.config.scaling_factor
            noise = torch.randn(clean.shape, generator=more["generator"])
            latents = pipe.scheduler.add_noise(clean, noise, times[:1])
        return pipe(prompt, negative, latents, params.guidance, times, stop_by(on_step))

    def edit_kinds(self, card: Any) -> tuple[Any, ...]:
        return ("img2img",)

    def edit_pipeline(self, model: Any, kind: Any, **parts: Any) -> Any:
        return model.pipe


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny random weights."""
    torch.manual_seed(0)
    encoder = make_encoder(2048, num_hidden_layers=1).eval()
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, norm_num_groups=8,
        block_out_channels=(16, 16), cross_attention_dim=encoder.config.hidden_size,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), attention_head_dim=8,
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = make_vae(block_out_channels=[16, 16, 16, 16], latent_channels=4, shift_factor=None)
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(TURBO / "tokenizer")
    folder = tmp_path_factory.mktemp("toy")
    pipe = ToyPipeline(vae.eval(), encoder, tokenizer, unet.eval(), diffusers.DDIMScheduler())
    pipe.save_pretrained(folder)
    for path in (folder / "model_index.json", folder / "tokenizer" / "tokenizer_config.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("TokenizersBackend", "PreTrainedTokenizerFast"))
    return folder


@pytest.fixture(autouse=True)
def toy(files: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The family, and a card of it."""
    monkeypatch.setattr(registry, "_classes", dict(registry._classes))
    registry.register_family("toy", Toy)
    own_home.mkdir(exist_ok=True)
    (own_home / "models.yaml").write_text(
        f"toy:\n  title: Toy\n  family: toy\n  pipeline: {__name__}.ToyPipeline\n"
        f"  source: {{folder: {files}}}\n  default_size: [72, 72]\n  sizes: [[72, 72], [64, 72]]\n"
        "  min_side: 64\n  max_side: 128\n  steps: 4\n  guidance: 5\n  guided: true\n"
    )
    yield
    registry._made.pop("toy", None)


def test_it_draws_with_previews_and_is_the_same_again(engine: LocalEngine) -> None:
    job = engine.submit(GenerationParams(**PLAIN))
    seen = [(event.step, event.preview) for event in job.events() if isinstance(event, Step)]
    assert [step for step, _ in seen] == [1, 2, 3, 4]
    assert any(preview is not None for _, preview in seen)
    picture = job.result(60)
    assert picture.image.size == (72, 64)
    assert [entry.model for entry in engine.gallery.search()] == ["toy"]
    assert engine.submit(picture.params).result(60).image.tobytes() == picture.image.tobytes()
    assert not job.warnings


def test_its_guidance_is_its_own(engine: LocalEngine) -> None:
    params = GenerationParams(**PLAIN, negative_prompt="a red cat")
    plain = engine.submit(params).result(60).image.tobytes()
    assert engine.submit(params.replace(guidance=7)).result(60).image.tobytes() != plain
    off = engine.submit(params.replace(guidance=1))
    assert "negative prompt has no effect" in off.warnings[0]
    assert off.result(60).image.tobytes() != plain


def test_what_it_does_not_know_is_refused_or_told(engine: LocalEngine, shelf: Path) -> None:
    with refused("not-a-multiple", "width") as caught:
        engine.submit(GenerationParams(**{**PLAIN, "width": 70}))
    assert "multiple of 8" in str(caught.value)
    with refused("unknown-choice", "sampler"):
        engine.submit(GenerationParams(**PLAIN, sampler="unipc"))
    with refused("unknown-choice", "sampler"):
        engine.submit(GenerationParams(prompt="a red circle", model="nano-turbo", sampler="ddim"))
    with refused("lora-not-supported", "loras") as caught:
        engine.submit(GenerationParams(**PLAIN, loras=["style"]))
    assert str(caught.value).count(".") == 1
    job = engine.submit(GenerationParams(**PLAIN, shift=3))
    assert job.warnings == ("Toy makes no use of shift.",)
    job.result(60)
    with refused("edit-not-supported", "model"):
        edit.vary(job.result(), model="toy", engine=engine)


def test_it_edits_a_picture(engine: LocalEngine) -> None:
    source = engine.submit(GenerationParams(**PLAIN)).result(60)
    assert edit.can_edit("toy") == ("img2img",)
    changed = edit.img2img(source, "another", strength=0.5, engine=engine).result(60)
    assert changed.image.size == source.image.size
    assert changed.image.tobytes() != source.image.tobytes()
    assert engine.gallery.family(changed).to_list()


def test_form_grid_and_gallery_show_it(engine: LocalEngine, tmp_path: Path) -> None:
    form = ParamsForm(language="en", engine=engine)
    form.prompt.value = "anything"
    form.model.control.value = "toy"
    card = get_card("toy")
    wanted = card.fill(GenerationParams(prompt="anything", model="toy"))
    assert form.params() == wanted
    assert form.fields["sampler"].values == ["ddim"]
    assert form.negative_prompt.hint == ""
    form.fields["guidance"].control.value = 1
    assert form.negative_prompt.hint == "No effect while guidance is 1."
    form.size.control.index = len(form.size.control.options) - 1  # a size of one's own
    form.size.width.value = 90
    assert form.params().width == 88
    assert "multiples of 8" in form.size.note.value
    grid = Grid(PLAIN, x={"guidance": [1, 5]}, y={"width": [64, 72]}, engine=engine,
                folder=tmp_path / "grid")  # fmt: skip
    grid.run()
    assert grid.progress == (4, 4)
    assert len({image.image.tobytes() for image in grid.images}) == 4
    assert len(GalleryView(engine.gallery).gallery.search()) == 4
    assert get_family("toy").title == "Toy"


def test_a_card_alone_names_a_family_by_its_class(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_toy.py").write_text(f"from {__name__} import Toy\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_made", {})
    assert get_family("own_toy:Toy").side_multiple == 8
    for place in ("own_toy:Nothing", "no_such_file:Toy", "zimg_kernel.families:ModelFamily"):
        with refused("unknown-family", "family"):
            get_family(place)
    path = own_home / "models.yaml"
    path.write_text(path.read_text().replace("family: toy", "family: own_toy:Toy"))
    assert get_card("toy").family == "own_toy:Toy"
