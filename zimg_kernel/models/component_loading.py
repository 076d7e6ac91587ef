"""Loading of a pipeline's components with weights, all at once and straight to where they stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import WeightsMissing

from .diffusers_folder import LIBRARIES, FaultyError, weighted_components
from .empty_modules import empty_module, fill, places_of, put_fp8
from .tensor_places import Place, places_in

if TYPE_CHECKING:
    import torch

    from .device_reading import DeviceReading

Fp8Places = Mapping[str, tuple[Place, Place]]
"""Places of values and scales in 8 bits, by the names of layers."""


class Components:
    """Modules of a folder, whose weights are still being read.

    On a CPU, weights in the files' own format are the files' pages in memory, not a copy of them.

    Parameters
    ----------
    folder : Path
        A complete diffusers folder.
    names : iterable of str
        Components to load.
    dtype : torch.dtype
        The format of their numbers.
    device : torch.device
        Where they stay.
    fp8 : mapping of str to (Place, Place), optional
        Where values and scales stand of the transformer's layers that are there in 8 bits.

    Attributes
    ----------
    modules : dict of str to module
        Those that could be loaded so: not quantized ones, for example.
    """

    def __init__(
        self,
        folder: Path,
        names: Iterable[str],
        dtype: torch.dtype,
        device: torch.device,
        fp8: Fp8Places | None = None,
    ) -> None:
        self.modules: dict[str, Any] = {}
        self._device = device
        self._reading: DeviceReading | None = None
        self._files: dict[Path, Any] = {}
        if device.type not in ("cpu", "cuda"):
            return
        named = weighted_components(folder)
        # The largest first: while it is read, the next ones are built.
        order = sorted(names, key=lambda name: name != "transformer")
        try:
            for name in order:
                small = fp8 if name == "transformer" and fp8 else {}
                module = self._begin(module_class(*named[name]), folder / name, dtype, small)
                if module is not None:
                    self.modules[name] = module
        except BaseException:
            self.give_up()
            raise

    def _begin(
        self, kind: type[Any], folder: Path, dtype: torch.dtype, fp8: Fp8Places
    ) -> Any | None:
        import torch

        try:
            there = places_in(folder)
        except FaultyError:
            return None  # the usual way tells more
        module = None if there is None else empty_module(kind, folder, dtype)
        places = None if module is None or there is None else places_of(module, there)
        if places is None:
            return None
        with torch.inference_mode(False):
            for name, (values, scales) in fp8.items():
                found = self._read({"values": values, "scales": scales})
                put_fp8(module, name, found["values"], found["scales"], dtype)
                del places[f"{name}.weight"]
            fill(module, self._read(places, dtype))
        return module

    def _read(
        self, places: Mapping[str, Place], dtype: torch.dtype | None = None
    ) -> dict[str, torch.Tensor]:
        """Return tensors, pages of the files or memory that will be filled.

        In the files' format, or in another one.
        """
        import torch

        from .device_reading import DeviceReading

        made = {}
        for name, place in places.items():
            form = dtype or place.dtype
            if self._device.type == "cpu" and form == place.dtype:
                made[name] = self._mapped(place)
                continue
            if self._reading is None:
                self._reading = DeviceReading(self._device)
            made[name] = torch.empty(place.shape, dtype=form, device=self._device)
            self._reading.add(place, made[name])
        return made

    def _mapped(self, place: Place) -> torch.Tensor:
        """Return a tensor on the CPU that is a file's pages in memory."""
        from safetensors import safe_open

        if place.path not in self._files:
            self._files[place.path] = safe_open(place.path, framework="pt", device="cpu")
        found: torch.Tensor = self._files[place.path].get_tensor(place.key)
        return found

    def __enter__(self) -> Components:
        """Return itself; behind the block all weights are there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for the weights, or give up where something else failed."""
        if kind is None:
            self.finish()
        else:
            self.give_up()

    def finish(self) -> None:
        """Wait until all weights are there; raise what went wrong."""
        if self._reading is not None:
            reading, self._reading = self._reading, None
            reading.finish()
        for module in self.modules.values():
            module.to(self._device)  # its buffers
        self._files.clear()

    def give_up(self) -> None:
        """Stop reading, and let the modules go."""
        if self._reading is not None:
            self._reading.give_up()
        self._reading = None
        self.modules.clear()


def module_class(library: str, name: str) -> Any:
    """Return a model's class of diffusers or transformers; a folder may name no other."""
    import diffusers
    import transformers

    found = None
    if library in LIBRARIES:
        found = getattr({"diffusers": diffusers, "transformers": transformers}[library], name, None)
    kinds = diffusers.ModelMixin, transformers.PreTrainedModel
    if not isinstance(found, type) or not issubclass(found, kinds):
        raise WeightsMissing(
            f"The model's folder wants a class {library}.{name}, which is no model of diffusers "
            "or transformers here: it is for another version, or not one to load.",
            code="unknown-class",
            field="model",
        )
    return found
