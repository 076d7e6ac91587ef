"""Components read straight to their place: the same numbers as ``from_pretrained``'s."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from transformers import Qwen3Config, Qwen3ForCausalLM, T5Config, T5EncoderModel

from refusals import warned
from tiny import make_tiny_model, make_tiny_omni
from zimg_kernel import get_card
from zimg_kernel.models import embedded, loading
from zimg_kernel.models.component_loading import Components, module_class
from zimg_kernel.models.device_reading import DeviceReading
from zimg_kernel.models.diffusers_folder import weighted_components
from zimg_kernel.models.load_profile import LoadProfile
from zimg_kernel.models.loading import load_model
from zimg_kernel.models.tensor_places import places_in

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The miniature, tiny models in either format with sharded files, and one with a SigLIP."""
    made = tmp_path_factory.mktemp("folders")
    return {
        "nano-turbo": embedded.folder("nano-turbo"),
        "tiny": make_tiny_model(made / "tiny"),
        "tiny in bf16": make_tiny_model(made / "bf16", dtype="bfloat16"),
        "omni": make_tiny_omni(made / "omni"),
    }


def loaded(folder: Path, dtype: torch.dtype, *names: str) -> dict[str, Any]:
    """Return the modules that were read straight to their place."""
    with Components(folder, names or weighted_components(folder), dtype, CPU) as components:
        return dict(components.modules)


def usual(folder: Path, name: str, dtype: torch.dtype) -> Any:
    kind = module_class(*weighted_components(folder)[name])
    return kind.from_pretrained(folder / name, dtype=dtype, local_files_only=True)


def assert_same(module: Any, other: Any) -> None:
    """Compare parameters and all buffers, also those that are in no file."""
    assert type(module) is type(other)
    for part in ("named_parameters", "named_buffers"):
        found, wanted = dict(getattr(module, part)()), dict(getattr(other, part)())
        assert list(found) == list(wanted)
        for name, value in wanted.items():
            assert found[name].dtype == value.dtype, name
            assert found[name].requires_grad == value.requires_grad, name
            assert torch.equal(found[name], value), name
    assert not module.training
    config, wanted = (
        one.config.to_dict() if hasattr(one.config, "to_dict") else dict(one.config)
        for one in (module, other)
    )
    assert {key: value for key, value in config.items() if key != "_name_or_path"} == {
        key: value for key, value in wanted.items() if key != "_name_or_path"
    }


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["nano-turbo", "tiny", "tiny in bf16", "omni"])
def test_all_numbers_are_those_of_the_usual_way(
    folders: dict[str, Path], name: str, dtype: torch.dtype
) -> None:
    folder = folders[name]
    modules = loaded(folder, dtype)
    assert set(modules) == set(weighted_components(folder))
    for part, module in modules.items():
        assert_same(module, usual(folder, part, dtype))


def test_on_a_cpu_the_files_pages_are_the_weights(folders: dict[str, Path]) -> None:
    folder = folders["tiny"]
    module = loaded(folder, torch.float32, "vae")["vae"]
    file = folder / "vae" / "diffusion_pytorch_model.safetensors"
    stores = {p.untyped_storage().data_ptr(): p.untyped_storage() for p in module.parameters()}
    assert sum(store.nbytes() for store in stores.values()) <= file.stat().st_size


def test_weights_that_are_one_in_memory_stay_so(tmp_path: Path) -> None:
    config = T5Config(vocab_size=40, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    T5EncoderModel(config).save_pretrained(tmp_path / "text_encoder")
    index = {"text_encoder": ["transformers", "T5EncoderModel"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    module = loaded(tmp_path, torch.float32)["text_encoder"]
    assert_same(module, usual(tmp_path, "text_encoder", torch.float32))
    assert module.shared.weight is module.encoder.embed_tokens.weight


def test_a_language_models_files_serve_its_inner_model(tmp_path: Path) -> None:
    config = Qwen3Config(
        vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8, tie_word_embeddings=False,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(tmp_path / "text_encoder")
    index = {"text_encoder": ["transformers", "Qwen3Model"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    module = loaded(tmp_path, torch.float32)["text_encoder"]
    assert_same(module, usual(tmp_path, "text_encoder", torch.float32))


def test_an_autoencoders_former_names_are_read(folders: dict[str, Path], tmp_path: Path) -> None:
    AutoencoderKL(
        block_out_channels=[8, 8], down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2, norm_num_groups=4,
    ).save_pretrained(tmp_path / "vae")  # fmt: skip
    path = tmp_path / "vae" / "diffusion_pytorch_model.safetensors"
    former = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    tensors = {}
    for key, value in load_file(path).items():
        for new, old in former.items():
            key = key.replace(f".{new}.", f".{old}.") if "attentions" in key else key
        tensors[key] = value.clone()
    assert any("query" in key for key in tensors)
    save_file(tensors, path, metadata={"format": "pt"})
    index = {"vae": ["diffusers", "AutoencoderKL"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    module = loaded(tmp_path, torch.float32)["vae"]
    assert_same(module, usual(tmp_path, "vae", torch.float32))


def test_what_does_not_fit_is_left_to_the_usual_way(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders["tiny"], tmp_path / "model"))
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    tensors.pop("decoder.conv_in.weight")
    save_file(tensors, path, metadata={"format": "pt"})
    config = json.loads((folder / "transformer" / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gguf", "compute_dtype": "bfloat16"}
    (folder / "transformer" / "config.json").write_text(json.dumps(config))
    next((folder / "text_encoder").glob("*.safetensors")).write_bytes(b"\x10" + bytes(40))
    assert loaded(folder, torch.float32) == {}


def test_a_surprise_loads_the_usual_way_and_says_so(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_: Any) -> None:
        raise LookupError("another version")

    card, folder, profile = get_card("nano-turbo"), folders["nano-turbo"], LoadProfile("float32")
    wanted = load_model(card, folder, CPU, {}, offload=False, profile=profile)
    monkeypatch.setattr("zimg_kernel.models.component_loading.empty_module", surprise)
    with warned("loaded-slowly", "model"):
        model = load_model(card, folder, CPU, {}, offload=False, profile=profile)
    for name in model.fingerprints:
        assert_same(getattr(wanted.pipe, name), getattr(model.pipe, name))


def test_a_damaged_file_fails_as_before(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["tiny"], tmp_path / "model"))
    (folder / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"\x10" + bytes(40))
    with pytest.raises(OSError, match="safetensors"):
        usual(folder, "vae", torch.float32)
    with pytest.raises(OSError, match="safetensors"):
        loading._pipeline(get_card("nano-turbo"), folder, torch.float32, CPU, {})


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_threads_read_what_is_in_the_files(
    folders: dict[str, Path], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zimg_kernel.models.device_reading._CHUNK", 4096)
    folder = folders["tiny"] / "transformer"
    wanted: dict[str, torch.Tensor] = {}
    for path in folder.glob("*.safetensors"):
        wanted |= load_file(path)
    places = places_in(folder)
    assert places is not None
    assert set(places) == set(wanted)
    reading, found = DeviceReading(CPU), {}
    for name, place in places.items():
        found[name] = torch.empty(place.shape, dtype=dtype)
        reading.add(place, found[name])
    reading.finish()
    for name, value in wanted.items():
        assert torch.equal(found[name], value.to(dtype)), name


def test_a_file_that_has_become_shorter_is_told(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["tiny"] / "vae", tmp_path / "vae"))
    places = places_in(folder)
    assert places is not None
    with (folder / "diffusion_pytorch_model.safetensors").open("r+b") as file:
        file.truncate(2000)
    reading = DeviceReading(CPU)
    for place in places.values():
        reading.add(place, torch.empty(place.shape))
    with pytest.raises(EOFError):
        reading.finish()


def test_reading_that_is_given_up_ends_its_threads(folders: dict[str, Path]) -> None:
    places = places_in(folders["tiny"] / "vae")
    assert places is not None
    reading = DeviceReading(CPU)
    for place in places.values():
        reading.add(place, torch.empty(place.shape))
    reading.give_up()
    assert not any(thread.is_alive() for thread in reading._threads)
