"""Drop-in for the forward of Z-Image's transformer: called as diffusers' pipelines call it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

import torch

from zimg_kernel.errors import BadInput
from zimg_kernel.models.device import free_bytes

from . import rope
from .attention import name_of, pick_attention, pick_attention_fp8
from .blocks import Resident, Weights
from .fallback import Fallback
from .graphs import StepGraphs
from .lora_factors import NotPlain, signature
from .merged import merged, room_for_copy
from .packed import PackedBlock
from .products import put_factors
from .residence import streamed
from .streaming import Stream
from .transformer import ROWS, LoraFactors, PlainTransformer

if TYPE_CHECKING:
    from .split.rows import SplitRows

_LORAS = 4  # sets of LoRAs whose factors are kept
_CAPTIONS = 16  # refined captions kept: 0.7 MB each at full size


@dataclass(frozen=True)
class _Caption:
    embeddings: ref[torch.Tensor]
    tokens: torch.Tensor


@dataclass(frozen=True)
class _Loras:
    factors: LoraFactors
    weights: dict[str, Weights]


class FastForward:
    """Replaces a transformer's ``forward``; whatever it cannot do goes to the stock one.

    Pictures of one size whose captions have one padded length are computed together, others in
    turn; so no mask is needed, and the fast attention kernels apply.

    Parameters
    ----------
    module : ZImageTransformer2DModel
        On its device, or on the CPU. Its weights become views of packed memory.
    device : torch.device
        Where it computes.
    fp8 : bool
        Whether products are computed in fp8, all but those of the caption's refiner, which is
        needed once for a prompt.
    kept : sequence of (str, int)
        Blocks, by row and index, that stay in the model's format under ``fp8``.
    resident : int, optional
        Blocks that stay on the device; the others wait in RAM. None where all are there.
    graphs : StepGraphs, optional
        Where steps are recorded; not with blocks that come and go.
    """

    def __init__(
        self,
        module: Any,
        device: torch.device,
        *,
        fp8: bool = False,
        kept: Sequence[tuple[str, int]] = (),
        resident: int | None = None,
        graphs: StepGraphs | None = None,
    ) -> None:
        self.module, self.fp8, self._device = module, fp8, device
        self._stock = module.forward
        self.fallback = Fallback("transformer")
        self.packed: dict[str, list[PackedBlock]] = {name: [] for name in ROWS}
        for name, blocks in self.packed.items():
            for index, block in enumerate(getattr(module, name)):
                if device.type == "cuda":
                    torch.cuda.empty_cache()  # or a block would lie in what rounding let go
                small = fp8 and name != "context_refiner" and (name, index) not in kept
                blocks.append(
                    PackedBlock(
                        block,
                        fp8=small,
                        device=device if resident is None else None,
                        via=device,
                        spare=resident is None,
                        locked=resident is not None and device.type == "cuda",
                    )
                )
        self.stream: Stream | None = None
        if resident is None:
            weights: dict[str, Weights] = {
                name: Resident([block.weights for block in blocks])
                for name, blocks in self.packed.items()
            }
        else:
            graphs = None
            weights, self.stream = streamed(module, self.packed, device, resident)
        self._own = weights
        attention = pick_attention(device, module.dtype)
        attention_fp8 = pick_attention_fp8(device) if fp8 else None
        self.attention = name_of(attention_fp8 or attention)
        self.plain = PlainTransformer(module, weights, attention, attention_fp8, device)
        self._graphs = graphs if device.type == "cuda" else None
        self._captions: OrderedDict[Hashable, _Caption] = OrderedDict()
        self.split: SplitRows | None = None
        self._loras: Hashable = None
        self._unfit: Hashable = None  # LoRAs that only the stock forward can draw
        self._sets: OrderedDict[Hashable, _Loras] = OrderedDict({None: _Loras({}, weights)})
        module.forward = self

    def make_room(self) -> None:
        """Give back the memory of blocks that come and go, until the next step."""
        if self.stream is not None:
            self.stream.give_rooms_back()

    def split_with(self, other: torch.device) -> None:
        """Let another device compute half of each step without LoRAs, in a process of its own.

        Without it, where it does not begin or is lost, steps are computed as before.

        Raises
        ------
        BadInput
            The heads of the model's attention cannot be halved.
        """
        if self.module.n_heads % 2:
            raise BadInput(
                f"split=2 is not possible: the model's {self.module.n_heads} heads of attention "
                "cannot be halved. Leave split (ZIMG_SPLIT) out to draw on one card.",
                code="profile-not-possible",
                field="split",
            )
        from .split.partner import PartnerLost
        from .split.rows import SplitRows

        try:
            self.split = SplitRows(self.plain, self.packed, self._device, other)
        except PartnerLost:
            self.split = None  # said by then

    def remove(self) -> None:
        """Give the module its stock forward back."""
        self.module.forward = self._stock
        if self.split is not None:
            self.split.close()
        self._captions.clear()
        if self._graphs is not None:
            self._graphs.clear()

    def __call__(
        self,
        x: Any,
        t: torch.Tensor,
        cap_feats: Any,
        return_dict: bool = True,
        controlnet_block_samples: Any = None,
        siglip_feats: Any = None,
        image_noise_mask: Any = None,
        patch_size: int = 2,
        f_patch_size: int = 1,
        joint_attention_kwargs: Any = None,
    ) -> Any:
        """Return what diffusers' ``ZImageTransformer2DModel.forward`` would."""
        special = (controlnet_block_samples, siglip_feats, image_noise_mask, joint_attention_kwargs)
        plain = all(value is None for value in special) and (patch_size, f_patch_size) == (2, 1)
        plain = plain and isinstance(x[0], torch.Tensor) and not torch.is_grad_enabled()

        def stock() -> Any:
            more = (*special[:3], patch_size, f_patch_size, special[3])
            return self._stock(x, t, cap_feats, return_dict, *more)

        if not plain or x[0].shape[1] != 1:
            return stock()
        return self.fallback.run(lambda: self._fast(x, t, cap_feats, return_dict, stock), stock)

    def _fast(
        self, x: Any, t: torch.Tensor, cap_feats: Any, return_dict: bool, stock: Callable[[], Any]
    ) -> Any:
        if not self._takes_loras():
            return stock()
        found = self._predict([part[:, 0] for part in x], t, cap_feats)
        sample = [part[:, None] for part in found]
        if not return_dict:
            return (sample,)
        from diffusers.models.modeling_outputs import Transformer2DModelOutput

        return Transformer2DModelOutput(sample=sample)

    def _predict(
        self, latents: list[torch.Tensor], times: torch.Tensor, embeddings: Sequence[torch.Tensor]
    ) -> list[torch.Tensor]:
        captions = [self._caption(part) for part in embeddings]
        groups: dict[Any, list[int]] = {}
        for index, (part, caption) in enumerate(zip(latents, captions, strict=True)):
            groups.setdefault((part.shape, caption.shape[1]), []).append(index)
        found: list[Any] = [None] * len(latents)
        for numbers in groups.values():
            batch = torch.stack([latents[i] for i in numbers])
            texts = torch.cat([captions[i] for i in numbers])
            chosen = times if len(numbers) == len(latents) else times[numbers]
            for index, part in zip(numbers, self._step(batch, chosen, texts), strict=True):
                found[index] = part
        return found

    def _step(
        self, latents: torch.Tensor, times: torch.Tensor, captions: torch.Tensor
    ) -> torch.Tensor:
        if self.split is not None and self._loras is None:
            found = self.split.step(latents, times, captions)
            if found is not None:
                return found
        if self._graphs is None:
            return self.plain.step(latents, times, captions)
        # Tables are made outside the recording.
        rows, columns = latents.shape[2] // 2, latents.shape[3] // 2
        tables = self.plain.tables(captions.shape[1], rows, columns, latents.device)
        key, given = ("step", self._loras), (latents, times, captions)
        return self._graphs.run(key, self.plain.step, *given, reads=tables)

    def _caption(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Return a refined caption, made once for embeddings that are the same tensor."""
        key = (id(embeddings), self._loras)
        kept = self._captions.get(key)
        if kept is None or kept.embeddings() is not embeddings:
            kept = _Caption(ref(embeddings), self._refine(embeddings))
            self._captions[key] = kept
            while len(self._captions) > _CAPTIONS:
                self._captions.popitem(last=False)
        return kept.tokens

    def _refine(self, embeddings: torch.Tensor) -> torch.Tensor:
        count = torch.full((1,), len(embeddings), device=embeddings.device)
        padded = torch.nn.functional.pad(embeddings, (0, 0, 0, rope.padding(len(embeddings))))
        if self._graphs is None:
            return self.plain.caption(padded, count)
        table = self.plain.caption_table(len(padded), embeddings.device)
        key = ("caption", self._loras)
        return self._graphs.run(key, self.plain.caption, padded, count, reads=table)

    def _takes_loras(self) -> bool:
        """Take in the LoRAs that stand in the module; return whether they can be drawn here."""
        now = signature(self.module)
        if now == self._unfit and now is not None:
            return False
        try:
            if now != self._loras:
                self._change_loras(now)
        except NotPlain:
            self._unfit = now
            return False
        return True

    def _change_loras(self, now: Hashable) -> None:
        """Draw with these LoRAs from now on: in a copy of the weights, or as factors."""
        if now not in self._sets:
            factors = self.plain.read_loras()
            self._sets[now] = _Loras(factors, self._own)
            if self.stream is None and room_for_copy(self.packed, free_bytes(self._device)):
                for key in [key for key in self._sets if key is not None and key != now]:
                    self._drop(key)  # one copy at a time
                self._sets[now] = _Loras({}, merged(self.packed, factors))
        self._sets.move_to_end(now)
        loras = self._sets[now]
        self.plain.factors, self.plain.weights = loras.factors, loras.weights
        for name, blocks in loras.factors.items():
            for block, some in zip(self.packed[name], blocks, strict=True):
                for part, found in some.items():
                    put_factors(getattr(block.weights, part), found)
        self._loras = now
        kept = [key for key in self._sets if key is not None]
        for key in kept[: max(0, len(kept) - _LORAS)]:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        del self._sets[key]
        if self._graphs is not None:
            for part in ("step", "caption"):
                self._graphs.forget((part, key))
