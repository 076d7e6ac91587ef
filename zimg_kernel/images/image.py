"""Generated pictures with their parameters: saved, opened and displayed."""

from __future__ import annotations

import base64
import html
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

from .encode import jpeg_bytes
from .metadata import read_record, save_with_record
from .open_file import UNREADABLE, open_image, why_unreadable
from .pixels import digest, rgb
from .text import NO_FORMULAS

_PREVIEW_SIDE = 512
_PREVIEW_BYTES = 70_000  # twice in base64 (HTML and image) stays under 200 KB


class _Pixels:
    """Pixels of a picture: in memory, or read again from its file once they were released."""

    def __get__(self, picture: GeneratedImage | None, owner: type) -> Self | Image.Image:
        if picture is None:
            return self
        held: Image.Image | weakref.ref[Image.Image] | None = picture.__dict__["_pixels"]
        pixels = held() if isinstance(held, weakref.ref) else held
        if pixels is None:
            pixels = picture._load()
            picture.__dict__["_pixels"] = weakref.ref(pixels)  # for as long as somebody looks
        return pixels

    def __set__(self, picture: GeneratedImage, pixels: Image.Image | None) -> None:
        picture.__dict__["_pixels"] = pixels


@dataclass(repr=False)
class GeneratedImage:
    """One picture with its parameters and how it was made.

    Attributes
    ----------
    image : PIL.Image.Image
        The pixels: RGB, or RGBA where the picture has transparency. After :meth:`release` they
        are read from the file whenever they are asked for.
    params : GenerationParams
        What decides the picture: the same parameters give the same pixels on the same
        device and software.
    timings : dict of str to float
        Seconds spent in ``text_encoder``, ``transformer`` and ``vae``, and in ``total``.
    memory_gb : float or None
        Memory that drawing it took, 10**9 bytes: on a GPU the most that tensors held at once,
        weights included; on a CPU what the process held afterwards.
    device : str
        Where it was drawn, such as ``"cpu"`` or ``"cuda (NVIDIA H200), bfloat16"``.
    versions : dict of str to str
        Versions of the software that drew it.
    created : datetime
        When it was finished, with time zone.
    path : Path or None
        Where it is saved; None as long as it is only in memory.
    software : str
        What drew it: ours, or another tool whose picture was opened.
    source : dict or None
        What is known of the picture that this one was made from: ``pixels`` (its digest),
        ``file`` (its name or None), ``size`` ([width, height]) and ``params`` (a dict or None).
        None for a picture from nothing.
    mask : PIL.Image.Image or None
        What was repainted in white, mode "L"; only in memory, a gallery keeps it beside the
        pictures.
    job : dict or None
        ``id`` of the job that drew it and ``index`` of the picture in its request, from 0; None
        where that is not known.
    step_seconds : tuple of float
        Seconds of each step, where known; only in memory.
    """

    image: Image.Image
    params: GenerationParams
    timings: dict[str, float] = field(default_factory=dict)
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now().astimezone())
    path: Path | None = None
    software: str = "zimg workbench"
    memory_gb: float | None = None
    source: dict[str, Any] | None = None
    mask: Image.Image | None = None
    job: dict[str, Any] | None = None
    step_seconds: tuple[float, ...] = ()

    def _load(self) -> Image.Image:
        """Return the pixels from where they can be had again."""
        load: Callable[[], Image.Image] | None = self.__dict__.get("_loader")
        if load is not None:
            return load()
        assert self.path is not None
        return _read_pixels(self.path)

    def __getstate__(self) -> dict[str, Any]:
        held = self.__dict__["_pixels"]
        pixels = held() if isinstance(held, weakref.ref) else held
        if pixels is None and "_loader" in self.__dict__:
            pixels = self._load()  # a loader stays in its process
        state = {name: value for name, value in self.__dict__.items() if name != "_loader"}
        return {**state, "_pixels": pixels}

    def __repr__(self) -> str:
        where = f" in {self.path}" if self.path else ""
        return f"<GeneratedImage {self.params.prompt[:60]!r} {self.caption()}{where}>"

    @property
    def seed(self) -> int:
        """The seed that was used, also where it was drawn."""
        return self.params.seed

    def record(self) -> dict[str, Any]:
        """Return everything but the pixels, ready for JSON; of those only their digest."""
        record = {
            "params": self.params.model_dump(),
            "timings": self.timings,
            "memory_gb": self.memory_gb,
            "device": self.device,
            "versions": self.versions,
            "created": self.created.isoformat(timespec="milliseconds"),
            "software": self.software,
            "size": list(self.image.size),
            "pixels": digest(self.image),
            "source": self.source,
        }
        return record | {"job": self.job} if self.job else record

    def save(self, path: str | Path) -> Path:
        """Write the picture with its record inside, whole or not at all.

        Parameters
        ----------
        path : str or Path
            A file name ending in .png, .jpg, .jpeg or .webp; folders are made.

        Returns
        -------
        Path
            The absolute path, also kept in :attr:`path` if there was none.

        Raises
        ------
        BadInput
            Another ending.
        GalleryError
            The disk is full or the folder cannot be written; the picture stays in memory.
        """
        written = save_with_record(self.image, self.record(), Path(path).expanduser().absolute())
        self.path = self.path or written
        return written

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Read a picture and its parameters back; also those of A1111, ComfyUI and others.

        Raises
        ------
        BadInput
            No such file, no picture, or one that carries no parameters.
        """
        path = Path(path).expanduser().absolute()
        record = read_record(path)
        return cls._of(record, _read_pixels(path), path)

    @classmethod
    def from_record(
        cls, record: dict[str, Any], path: str | Path | None, load: Callable[[], Image.Image]
    ) -> Self:
        """Return a picture whose pixels are elsewhere.

        Parameters
        ----------
        record : dict
            What :meth:`record` returned.
        path : str, Path or None
            Its file, where it has one.
        load : callable
            Returns the pixels; called when somebody looks at them.
        """
        picture = cls._of(record, None, Path(path) if path is not None else None)
        picture.__dict__["_loader"] = load
        return picture

    @classmethod
    def _of(cls, record: dict[str, Any], pixels: Image.Image | None, path: Path | None) -> Self:
        return cls(
            image=pixels,  # type: ignore[arg-type]  # None: read when looked at
            params=GenerationParams.from_dict(record["params"]),
            timings=record.get("timings", {}),
            memory_gb=record.get("memory_gb"),
            device=record.get("device", ""),
            versions=record.get("versions", {}),
            created=datetime.fromisoformat(record["created"]),
            path=path,
            software=record.get("software", ""),
            source=record.get("source"),
            job=record.get("job"),
        )

    def release(self) -> None:
        """Let go of the pixels, where they can be read again: from a PNG, which loses nothing."""
        if self.path is not None and self.path.suffix == ".png":
            self.__dict__["_pixels"] = None

    def preview(self, side: int = _PREVIEW_SIDE, max_bytes: int = _PREVIEW_BYTES) -> bytes:
        """Return a small JPEG, at most ``side`` px on its longer side and ``max_bytes`` long.

        If not even one pixel fits (a JPEG's head alone takes some 600 bytes), it is that pixel.
        """
        small = self.image.convert("RGB") if self.image.mode == "RGB" else rgb(self.image)
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        while True:
            for quality in (92, 85, 75, 60, 40):
                jpeg = jpeg_bytes(small, None, quality, subsampling=0 if quality > 80 else 2)
                if len(jpeg) <= max_bytes or (quality == 40 and small.size == (1, 1)):
                    return jpeg
            small = small.resize((max(1, small.width // 2), max(1, small.height // 2)))

    def caption(self) -> str:
        """Return one line about the picture: model, size, steps, seed, time, place."""
        p = self.params
        parts = [str(p.model), f"{self.image.width}×{self.image.height}"]
        if p.steps is not None:
            parts.append(f"{p.steps} steps" if p.steps != 1 else "1 step")
        if p.guidance:
            parts.append(f"guidance {p.guidance:g}")
        parts.append(f"seed {p.seed}")
        if self.timings.get("total"):
            parts.append(f"{self.timings['total']:.2f} s")
        if self.memory_gb:
            parts.append(
                f"{self.memory_gb:.2g} GB" if self.memory_gb < 10 else f"{self.memory_gb:.0f} GB"
            )
        return " · ".join(parts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show a notebook a small picture with alt text, not the full one twice."""
        data = base64.b64encode(self.preview()).decode()
        alt = html.escape(self.params.prompt, quote=True)
        where = f"<br><code>{html.escape(str(self.path))}</code>" if self.path else ""
        figure = (
            f'<figure class="{NO_FORMULAS}" style="margin:0;max-width:{_PREVIEW_SIDE}px">'
            f'<img alt="{alt}" src="data:image/jpeg;base64,{data}" style="max-width:100%">'
            f'<figcaption style="opacity:.75;font-size:85%">{html.escape(self.caption())}{where}'
            "</figcaption></figure>"
        )
        text = f"{self.params.prompt}\n{self.caption()}" + (f"\n{self.path}" if self.path else "")
        return {"text/html": figure, "image/jpeg": data, "text/plain": text}


# After the fact: dataclass would take the descriptor for a default value.
GeneratedImage.image = _Pixels()  # type: ignore[assignment]


def _read_pixels(path: Path) -> Image.Image:
    """Return the pixels of a file, RGB or RGBA."""
    try:
        with open_image(path) as image:
            return image.convert("RGBA" if image.has_transparency_data else "RGB")
    except UNREADABLE as error:
        raise BadInput(
            f"{path} cannot be read as a picture ({why_unreadable(error)}).",
            code="picture-unreadable",
            field="path",
        ) from None
