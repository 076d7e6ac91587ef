"""Workflow of a request: the template and the values of its fields."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel.edit.plan import EditPlan, steps_run
from zimg_kernel.engine.request import Request
from zimg_kernel.errors import BadInput
from zimg_kernel.images.encode import png_bytes
from zimg_kernel.images.pixels import digest
from zimg_kernel.models.card import ModelCard
from zimg_kernel.params import Edit, GenerationParams

from .names import ServerNames
from .server import ComfyServer
from .template import Graph, Template, load_template

if TYPE_CHECKING:
    from zimg_kernel.engine.plan import Plan

SUBFOLDER = "zimg"
"""Folder of the server's inputs that the sources of edits go into."""
_SAMPLERS = {"euler": "euler", "lcm": "lcm", "unipc": "uni_pc"}
_SCHEDULERS = {
    "linear": "simple", "karras": "karras", "exponential": "exponential", "beta": "beta",
}  # fmt: skip
# As in the scheduler's file of each model; others are left as the server has them.
_SHIFTS = {"z-image-turbo": 3.0, "z-image": 6.0}
_EDITS = ("img2img", "vary", "inpaint", "outpaint")
_HERE_ONLY = ("cfg_normalization", "cfg_truncation", "embedding_noise")


@dataclass(frozen=True)
class Workflow:
    """A request as a graph with all but its seed.

    Attributes
    ----------
    template : Template
    values : dict
        Of the template's fields.
    guided : bool
    loras : tuple of (str, float)
        By the server's names.
    """

    template: Template
    values: dict[str, Any]
    guided: bool
    loras: tuple[tuple[str, float], ...]

    def graph(self, seed: int, prefix: str | None = None) -> Graph:
        """Return the graph of the picture with this seed."""
        values = {**self.values, "seed": seed, "prefix": prefix}
        return self.template.filled(values, guided=self.guided, loras=self.loras)

    @property
    def files(self) -> dict[str, str]:
        """The server's files by what they are, for a picture's record."""
        found = {"ComfyUI model": str(self.values["model"])}
        return found | {f"ComfyUI LoRA {name}": f"{weight:g}" for name, weight in self.loras}

    @property
    def label(self) -> str:
        """Name and version of the template."""
        return f"{self.template.name} {self.template.version}"


def check_fields(params: GenerationParams, plan: Plan | None) -> None:
    """Refuse what no template has a field for.

    Raises
    ------
    BadInput
    """
    for name in _HERE_ONLY:
        if getattr(params, name) != GenerationParams.model_fields[name].default:
            raise BadInput(
                f"A ComfyUI server cannot draw with {name}: leave it out, or draw on this machine "
                "with ZIMG_ENGINE=local.",
                code="comfy-without-field",
                field=name,
            )
    edit = params.edit
    if edit is None and plan is None:
        return
    if edit is None or edit.kind not in _EDITS or edit.control:
        kind = edit.kind if edit is not None else "edit"
        raise BadInput(
            f"The workflows for a ComfyUI server do not cover this kind of edit ({kind}): they do "
            f"{', '.join(_EDITS)} without control maps. Draw it on this machine with "
            "ZIMG_ENGINE=local.",
            code="edit-not-supported",
            field="edit",
        )


def make_workflow(request: Request, server: ComfyServer, names: ServerNames) -> Workflow:
    """Return the workflow of a request; its pictures are put among the server's inputs.

    Raises
    ------
    WeightsMissing, BadInput
        The server lacks the model or a LoRA.
    ZimgError
        It does not answer.
    """
    params, card = request.params, request.card
    files = names.require(card)
    guidance = params.guidance or 0.0
    steps = params.steps or card.steps
    values: dict[str, Any] = {
        "model": files.model, "clip": files.clip, "vae": files.vae,
        "prompt": params.prompt, "negative_prompt": params.negative_prompt,
        "steps": steps, "cfg": 1.0 + guidance, "sampler": _SAMPLERS[params.sampler],
        "scheduler": _SCHEDULERS[params.sigmas], "shift": shift_of(params, card),
    }  # fmt: skip
    name = "text_to_image"
    if params.edit is not None:
        name = "inpaint" if params.edit.kind in ("inpaint", "outpaint") else "image_to_image"
        values |= _edit_values(params.edit, request.plan, steps, server)
    else:
        values |= {"width": params.width, "height": params.height}
    loras = tuple((names.lora(one), weight) for one, weight in params.loras if weight)
    return Workflow(load_template(name), values, guidance > 0, loras)


def shift_of(params: GenerationParams, card: ModelCard) -> float | None:
    """Return the time shift to set; None to leave the model's own to the server."""
    return params.shift if params.shift is not None else _SHIFTS.get(card.id)


def denoise_of(steps: int, strength: float) -> tuple[int, float]:
    """Return ComfyUI's ``steps`` and ``denoise`` that run as many steps as a strength does here.

    ``KSampler`` runs all its steps, the last ones of ``int(steps / denoise)``
    (``set_steps`` of ComfyUI's ``samplers.py``).
    """
    run = steps_run(steps, strength)
    denoise = run / steps
    while int(run / denoise) < steps:  # rounding
        denoise = denoise * (1 - 1e-12)
    return run, denoise


def _edit_values(edit: Edit, plan: Plan | None, steps: int, server: ComfyServer) -> dict[str, Any]:
    assert isinstance(plan, EditPlan)
    run, denoise = denoise_of(steps, edit.strength or 1.0)
    values: dict[str, Any] = {"steps": run, "denoise": denoise}
    values["source"] = _upload(plan.canvas, server)
    if edit.kind in ("inpaint", "outpaint"):
        assert plan.cells is not None
        values["mask"] = _upload(plan.cells.convert("RGB"), server)
    return values


def _upload(image: Image.Image, server: ComfyServer) -> str:
    # Named by its content: the same picture is stored once.
    return server.upload(png_bytes(image), f"{digest(image)[:20]}.png", SUBFOLDER)


def read_picture(data: bytes) -> Image.Image:
    """Return the pixels of a served file, RGB.

    Raises
    ------
    UNREADABLE
        It is no picture, or a damaged one.
    """
    from zimg_kernel.images.open_file import open_image

    with open_image(io.BytesIO(data)) as image:
        return image.convert("RGB")
