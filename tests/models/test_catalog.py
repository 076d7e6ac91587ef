"""The catalogue: the package's cards, and what a user's models.yaml may do to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import BadInput, GenerationParams, get_card, load_catalog
from zimg_kernel.models import embedded
from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.models.weights import find_weights

COMPLETE = """
mine:
  title: My model
  family: z-image
  pipeline: ZImagePipeline
  source: {modelscope: me/Mine}
  default_size: [512, 768]
  steps: 12
"""


@pytest.fixture
def models_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path))
    monkeypatch.delenv("ZIMG_MODELS", raising=False)
    return tmp_path / "models.yaml"


def refusal(models_file: Path, text: str) -> str:
    models_file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_catalog()
    assert caught.value.code in ("invalid-card", "invalid-yaml", "file-unreadable")
    return str(caught.value)


def test_package_has_the_miniatures_and_both_full_models(models_file: Path) -> None:
    cards = load_catalog()
    carried = [name for name in ("nano-base", "nano-edit") if embedded.stored_folder(name).is_dir()]
    assert list(cards) == ["nano-turbo", *carried, "z-image-turbo", "z-image"]
    assert cards["z-image-turbo"].source.modelscope == "Tongyi-MAI/Z-Image-Turbo"
    assert cards["z-image-turbo"].default_size == (1024, 1024)
    assert (cards["z-image-turbo"].steps, cards["z-image-turbo"].guidance) == (8, 0)
    assert (cards["z-image"].steps, cards["z-image"].guidance) == (50, 4)


@pytest.mark.parametrize("model", list(load_catalog()))
def test_every_size_of_a_package_card_is_accepted_as_a_request(
    model: str, models_file: Path
) -> None:
    card = get_card(model)
    assert card.default_size in card.sizes
    assert card.licence
    assert card.memory_gb
    for width, height in card.sizes:
        filled = card.fill(GenerationParams(prompt="a circle", width=width, height=height))
        assert (filled.width, filled.height, filled.steps) == (width, height, card.steps)


def test_pipeline_class_of_every_package_card_exists(models_file: Path) -> None:
    from zimg_kernel.models.loaded_model import pipeline_class

    assert all(
        callable(pipeline_class(card.pipeline).from_pretrained) for card in load_catalog().values()
    )


def test_fill_leaves_what_was_asked_for(models_file: Path) -> None:
    asked = GenerationParams(prompt="a circle", steps=3, width=128)
    filled = get_card("nano-turbo").fill(asked)
    assert (filled.model, filled.steps, filled.width, filled.height) == ("nano-turbo", 3, 128, 256)


def test_own_card_is_added(models_file: Path) -> None:
    models_file.write_text(COMPLETE)
    card = load_catalog()["mine"]
    assert (card.default_size, card.steps, card.dtype) == ((512, 768), 12, "bfloat16")
    assert "z-image-turbo" in load_catalog()


def test_own_fields_override_a_package_card_and_keep_the_rest(models_file: Path) -> None:
    models_file.write_text("z-image-turbo: {steps: 9}")
    card = get_card("z-image-turbo")
    assert card.steps == 9
    assert card.title == "Z-Image-Turbo"
    assert card.download_gb == 32.9


def test_another_source_drops_the_size_of_the_old_download(models_file: Path) -> None:
    models_file.write_text("z-image-turbo: {source: {modelscope: me/Smaller}}")
    card = get_card("z-image-turbo")
    assert card.download_gb is None
    assert card.memory_gb == 23.3
    assert card.source.huggingface is None


def test_like_starts_from_a_package_card_or_an_own_one_above(models_file: Path) -> None:
    models_file.write_text(
        "mine: {like: z-image, source: {folder: /data/mine}, steps: 30}\n"
        "faster: {like: mine, steps: 20, title: Mine in a hurry}\n"
    )
    cards = load_catalog()
    assert (cards["mine"].title, cards["mine"].steps, cards["mine"].guidance) == ("mine", 30, 4)
    assert (cards["faster"].title, cards["faster"].steps) == ("Mine in a hurry", 20)
    assert cards["faster"].source.folder == str(Path("/data/mine").resolve())


def test_relative_folder_counts_from_the_file(models_file: Path) -> None:
    models_file.write_text("mine: {like: nano-turbo, source: {folder: trained/mine}}")
    assert get_card("mine").source.folder == str(
        (models_file.parent / "trained" / "mine").resolve()
    )


def test_links_that_go_round_leave_the_other_cards(models_file: Path) -> None:
    (models_file.parent / "round").symlink_to("round")
    models_file.write_text("mine: {like: nano-turbo, source: {folder: round}}")
    problem = find_weights(get_card("mine")).problem
    assert "does not exist" in problem
    assert find_weights(get_card("nano-turbo")).ready


def test_folder_in_the_users_home_is_understood(
    models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(models_file.parent))
    monkeypatch.setenv("USERPROFILE", str(models_file.parent))
    models_file.write_text("mine: {like: nano-turbo, source: {folder: ~/mine}}")
    assert get_card("mine").source.folder == str((models_file.parent / "mine").resolve())


def test_empty_or_absent_file_leaves_the_package_cards(models_file: Path) -> None:
    before = load_catalog()
    models_file.write_text("# nothing yet\n")
    assert load_catalog() == before


def test_environment_names_another_file(
    models_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "others.yaml"
    other.write_text(COMPLETE)
    monkeypatch.setenv("ZIMG_MODELS", str(other))
    assert "mine" in load_catalog()


MISTAKES = {
    "{like: z-image, step: 9}": "there is no field step (did you mean steps?)",
    "{like: z-image, steps: many}": "steps cannot be 'many': input should be a valid integer",
    "{like: z-image, steps: 0}": "steps cannot be 0: input should be greater than or equal to 1",
    "{like: z-image, dtype: fp16}": "dtype cannot be 'fp16': input should be 'bfloat16'",
    "{like: z-image, default_size: 1024}": "default_size: a size is [width, height] in pixels",
    "{like: z-image, sizes: [[1000, 1024]]}": "sizes.0: 1000 px is not a multiple of 16",
    "{like: z-image, default_size: [4096, 1024]}": "default_size: 4096x1024 px lies outside",
    "{like: z-image, min_side: 4096}": "default_size: 1024x1024 px lies outside min_side 4096",
    "{like: z-image, memory_gb: -1}": "memory_gb cannot be -1: input should be greater than 0",
    "{like: z-image, download_gb: 9 GB}": "download_gb cannot be '9 GB'",
    "{like: z-image, source: me/mine}": "source must hold fields such as modelscope: OWNER/NAME",
    "{like: z-image, source: {modelscop: me/mine}}": "source.modelscop (did you mean modelscope?)",
    "{like: z-image, source: {modelscope: mine}}": "source.modelscope: 'mine' is no repository id",
    "{like: z-image, source: {}}": "source: give a folder, or a modelscope or huggingface",
    "{like: z-image, source: {folder: ''}}": "source: give a folder",
    "{like: z-image, source: {folder: 5}}": "source.folder cannot be 5: input should be",
    "{like: z-image, id: other}": "id is the key above the fields",
    "{like: z-imagee}": "like cannot be 'z-imagee', which is no model",
    "{like: [z-image]}": "like cannot be ['z-image'], which is no model",
    "{title: Mine, family: z-image}": "pipeline is missing; source is missing",
    "{like: z-image, family: sdxl}": "no model family 'sdxl': known are z-image, nano",
    "{like: z-image, family: z_image}": "no model family 'z_image' (did you mean z-image?)",
    "{like: z-image, dtype: float16}": "dtype: Z-Image is drawn in bfloat16 or float32",
    "": "must hold fields, indented below it, not nothing",
    "z-image": "must hold fields, indented below it, not 'z-image'",
}


@pytest.mark.parametrize("fields", MISTAKES)
def test_mistake_is_one_sentence_with_file_card_and_field(fields: str, models_file: Path) -> None:
    sentence = refusal(models_file, f"mine: {fields}")
    assert sentence.startswith(f"In {models_file}, the card mine")
    assert MISTAKES[fields] in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mine: {title: a\n  steps: 3", "is not valid YAML: line 2: "),
        ("mine: {like: z-image}\nmine: {like: nano-turbo}", "line 2: mine stands there twice"),
        ("mine:\n  like: z-image\n  steps: 3\n  steps: 4", "line 4: steps stands there twice"),
        ("- mine\n- yours", "must hold model ids, each with its fields"),
        ("just words", "must hold model ids, each with its fields"),
    ],
)
def test_file_that_is_no_catalogue_is_refused_by_name(
    text: str, words: str, models_file: Path
) -> None:
    sentence = refusal(models_file, text)
    assert sentence.startswith(str(models_file))
    assert words in sentence
    assert "\n" not in sentence


def test_file_that_is_not_utf8_is_refused_by_name(models_file: Path) -> None:
    models_file.write_bytes("mine: {title: Köln}".encode("latin-1"))
    with refused("file-unreadable", "models.yaml"):
        load_catalog()


@pytest.mark.parametrize("name", ["a/b", "../mine", "-mine", "my model"])
def test_id_that_cannot_name_a_folder_is_refused(name: str, models_file: Path) -> None:
    assert "names a folder too" in refusal(models_file, f"{name!r}: {{like: z-image}}")


def test_yaml_anchors_may_be_merged(models_file: Path) -> None:
    models_file.write_text(
        "mine: &mine {like: z-image, steps: 30}\nother: {<<: *mine, steps: 20, title: Other}\n"
    )
    cards = load_catalog()
    assert (cards["mine"].steps, cards["other"].steps) == (30, 20)


def test_unknown_model_is_refused_with_the_nearest(models_file: Path) -> None:
    with refused("unknown-model", "model") as caught:
        get_card("z-image-trubo")
    assert "z-image-turbo?" in str(caught.value)
    with refused("unknown-model", "model"):
        get_card("xyz")


def test_card_cannot_be_changed(models_file: Path) -> None:
    card: ModelCard = get_card("nano-turbo")
    with pytest.raises(ValueError, match="frozen"):
        card.steps = 3


def test_a_card_is_of_the_family_that_its_weights_mean(models_file: Path) -> None:
    rest = "pipeline: ZImagePipeline, default_size: [256, 256], steps: 8"
    models_file.write_text(
        f"plain: {{title: Plain, source: {{modelscope: me/a}}, {rest}}}\n"
        f"named: {{title: N, family: z-image, source: {{embedded: nano-turbo}}, {rest}}}\n"
        "quick: {like: nano-turbo, steps: 4}\n"
        "other: {like: nano-turbo, source: {folder: elsewhere}}\n"
        "trained: {like: nano-turbo, family: nano, source: {folder: elsewhere}}\n",
        encoding="utf-8",
    )
    cards = load_catalog()
    found = {name: cards[name].family for name in ("plain", "named", "quick", "other", "trained")}
    assert found == {
        "plain": "z-image",
        "named": "nano",  # written before the miniatures had a family of their own
        "quick": "nano",
        "other": "z-image",  # other weights, which read prompts as they are
        "trained": "nano",
    }
    assert cards["quick"].default_on is None
