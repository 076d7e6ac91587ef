"""The Studio from the kernel's side: what it asks for, shows, and leaves in a saved notebook."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.cli.run import run_notebook
from zimg_kernel.engine import session as desk_module
from zimg_widgets import Studio
from zimg_widgets._shared.encode import data_url
from zimg_widgets.studio.labels import LABELS
from zimg_widgets.studio.stage.widget import shown_bytes

RED = {"model": "nano-turbo", "prompt": "a red circle", "width": 128, "height": 128, "steps": 2}


@pytest.fixture
def studio(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(desk_module, "_sessions", {})
    return Studio(RED, engine=engine, language="en")


def wait(what: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_settings_without_a_prompt_come_with_an_example(engine: LocalEngine) -> None:
    shown = Studio({"model": "nano-turbo", "steps": 3}, engine=engine, language="en")
    params = shown.form.params()
    assert (params.prompt, params.model, params.steps) == (LABELS["example"][0], "nano-turbo", 3)


def test_generate_draws_what_the_form_says_and_shows_it(studio: Studio) -> None:
    studio.stage._on_message(None, {"kind": "here", "view": "a"}, None)
    seen: list[bytes] = []
    studio.stage.observe(lambda change: seen.append(change["new"]), "preview")
    studio.generate()
    wait(lambda: studio.image is not None)
    assert studio.image is not None
    wanted = studio.form.params().model_dump(exclude={"seed"})
    assert studio.image.params.model_dump(exclude={"seed"}) == wanted
    wait(lambda: studio.stage.state["status"] == "done")
    assert any(data.startswith(b"\xff\xd8") for data in seen)
    assert studio.stage.picture.startswith(b"\x89PNG")
    assert studio.strip.chosen == studio.strip.items[0]["id"]
    assert studio.queue.rows == []
    rows = dict(studio.stage.facts["rows"])
    assert rows["Prompt"] == "a red circle"
    assert rows["Memory"].endswith(" GB")
    assert rows["In all"].endswith(" s")


def test_nobody_looking_means_no_previews(studio: Studio) -> None:
    seen: list[bytes] = []
    studio.stage.observe(lambda change: seen.append(change["new"]), "preview")
    studio.generate()
    wait(lambda: studio.image is not None)
    assert not any(seen)


def test_what_is_wrong_is_said_and_nothing_asked_for(studio: Studio) -> None:
    studio.form.prompt.value = "  "
    studio.generate()
    assert studio.form.problem.startswith("The prompt is empty")
    studio.form.prompt.value = "熊猫"
    assert studio.form.problem == ""
    studio.generate()
    assert "熊猫" in studio.form.problem
    assert studio._session.requests == []


def test_cancel_and_the_words_for_it(studio: Studio) -> None:
    studio.use(GenerationParams(model="nano-base", prompt="a red circle", steps=200, seed=1))
    studio.generate()
    wait(lambda: studio.stage.state["status"] == "running")
    assert "Step" in studio.stage.state["text"]
    assert studio.queue.rows[0]["status"] == "running"
    studio.cancel()
    wait(lambda: studio.stage.state["status"] == "cancelled")
    assert studio.stage.state["text"] == "Cancelled."


def test_a_chosen_result_is_shown_and_its_settings_used(studio: Studio) -> None:
    for prompt in ("a red circle", "a blue square"):
        studio.form.prompt.value = prompt
        studio.generate()
        wait(lambda p=prompt: studio.image is not None and studio.image.params.prompt == p)
    older = studio.strip.items[1]["id"]
    studio.strip._on_message(None, {"kind": "choose", "id": older}, None)
    assert studio.image is not None
    assert studio.image.params.prompt == "a red circle"
    studio.stage._on_message(None, {"kind": "use"}, None)
    assert studio.form.params().seed == studio.image.seed
    sent: list[tuple[dict[str, object], list[bytes]]] = []
    studio.stage.send = lambda content, buffers=None: sent.append((content, buffers))
    studio.stage._on_message(None, {"kind": "save", "view": "a"}, None)
    # The run's own thread may still tell its state by the same way.
    [(message, [data])] = [one for one in sent if one[0]["kind"] == "file"]
    assert studio.image.path is not None
    assert data == studio.image.path.read_bytes()
    assert message == {"kind": "file", "view": "a", "name": studio.image.path.name}


def test_another_studio_shows_the_same(studio: Studio, engine: LocalEngine) -> None:
    studio.generate()
    wait(lambda: studio.image is not None)
    other = Studio(engine=engine, language="zh")
    wait(lambda: other.image is not None)
    assert other.image is studio.image
    assert [i["id"] for i in other.strip.items] == [i["id"] for i in studio.strip.items]
    studio.close()
    other.form.set(GenerationParams(**RED))
    other.generate()
    wait(lambda: len(other.strip.items) == 2)
    assert len(studio.strip.items) == 1


def test_the_still_form_escapes_and_stays_small(studio: Studio) -> None:
    studio.form.prompt.value = "a red circle <b>"
    studio.generate()
    wait(lambda: studio.image is not None)
    assert studio.image is not None
    seed = studio.image.seed
    studio.form.prompt.value = "something else"
    html = studio.to_static_html()
    assert "something else" not in html  # a table beside a picture is the picture's
    assert f">{seed}</td>" in html
    assert "<b>" not in html
    assert "a red circle &lt;b&gt;" in html
    assert len(html) < 100_000


FIFTY = """
from zimg_widgets import Studio
prompt = "水墨画：远山，湖上有一叶扁舟"
studio = Studio({"model": "nano-turbo", "prompt": prompt, "steps": 1}, language="zh")
studio
"""
DRAW = """
import time
studio.form.fields["count"].control.value = 50
studio.generate()
while len(studio.strip.items) < 48:
    time.sleep(0.1)
time.sleep(1)
"""


@pytest.mark.slow
def test_a_saved_notebook_with_fifty_pictures_stays_under_a_megabyte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_UNATTENDED", "0")  # as if somebody looked
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (FIFTY, DRAW)]
    nbformat.write(notebook, tmp_path / "in.ipynb")
    out = run_notebook(tmp_path / "in.ipynb", {}, tmp_path / "out.ipynb")
    assert out.stat().st_size < 1_000_000
    text = json.dumps(nbformat.read(out, as_version=4).cells[0].outputs, ensure_ascii=False)
    assert len(re.findall("<figure", text)) >= 48
    assert "application/vnd.jupyter.widget-view+json" in text


def test_a_picture_that_is_only_in_memory_can_be_kept(studio: Studio) -> None:
    from PIL import Image

    image = GeneratedImage(Image.new("RGB", (600, 1200)), GenerationParams(prompt="x", seed=5))
    studio.stage.show(image)
    assert studio.stage.picture.startswith(b"\xff\xd8")  # large: a JPEG travels
    sent: list[list[bytes]] = []
    studio.stage.send = lambda content, buffers=None: sent.append(buffers)
    studio.stage._on_message(None, {"kind": "save", "view": "a"}, None)
    assert sent[0][0].startswith(b"\x89PNG")


ONE_STUDIO = """
from zimg_widgets import Studio
studio = Studio(language="en")
studio
"""
SHOWN = """
import time
deadline = time.monotonic() + 30
while studio.image is None and time.monotonic() < deadline:
    time.sleep(0.1)
assert studio.image.params.prompt == "secret: a purple ring"  # live it is there
assert len(studio.strip.items) == 12
time.sleep(1)
"""
OWN = """
from zimg_kernel import GenerationParams
studio.use(GenerationParams(prompt="a green star", model="nano-turbo", steps=1, seed=3))
studio.generate()
while studio.image.params.prompt != "a green star":
    time.sleep(0.1)
time.sleep(1)
"""


def test_a_saved_notebook_holds_nothing_that_was_drawn_elsewhere(engine: LocalEngine) -> None:
    wanted = GenerationParams(**{**RED, "prompt": "secret: a purple ring"}, count=20)
    images = [image.image for image in engine.submit(wanted).results()]
    assert len(images) == 20
    gallery = engine.gallery
    assert gallery is not None
    pixels = [data_url(image, 192, 80) for image in images]
    pixels += [base64.b64encode(shown_bytes(image)).decode() for image in images]

    def saved(*cells: str) -> str:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        NotebookClient(notebook, timeout=120, store_widget_state=True).execute()
        assert notebook.metadata.widgets  # the state of the widgets is stored too
        return json.dumps(notebook, ensure_ascii=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZIMG_GALLERY", str(gallery.folder))
        alone = saved(ONE_STUDIO, SHOWN)
        with_own = saved(ONE_STUDIO, SHOWN, OWN)
    outputs = alone.replace(json.dumps(SHOWN)[1:-1], "")
    assert "purple ring" not in outputs
    assert not any(data in alone for data in pixels)
    assert "<figure" not in alone
    assert "purple ring" not in with_own.replace(json.dumps(SHOWN)[1:-1], "")
    assert not any(data in with_own for data in pixels)
    assert with_own.count("<figure") >= 1  # what it drew itself is there
    [own] = [entry.open().image for entry in gallery.search("green", limit=50)]
    assert base64.b64encode(shown_bytes(own)).decode() in with_own


def test_what_cells_draw_comes_into_the_strip_and_not_into_the_notebook(
    studio: Studio, engine: LocalEngine
) -> None:
    from zimg_kernel import generate

    image = generate("a blue square", engine=engine, model="nano-turbo", steps=1, seed=1)
    wait(lambda: [item["prompt"] for item in studio.strip.items] == ["a blue square"])
    wait(lambda: studio.image is image)
    assert studio.stage.kept_facts == {}
    assert "a blue square" not in studio.to_static_html()
    assert studio.strip.to_static_html() == ""
    assert studio.queue.rows == []


def test_a_repeat_is_said_beside_the_button(studio: Studio) -> None:
    studio.generate()
    wait(lambda: studio.stage.state["status"] == "done")
    assert studio.repeat_note.value == ""  # each request has its own seed
    studio.form.seed.lock.value = True
    assert "same picture again" in studio.repeat_note.value
    studio.form.prompt.value = "a red square"
    assert studio.repeat_note.value == ""
    studio.generate()
    assert "same picture again" in studio.repeat_note.value  # also while it waits
    wait(lambda: studio.image is not None and studio.image.params.prompt == "a red square")
    assert "same picture again" in studio.repeat_note.value
    studio.form.seed.lock.value = False
    assert studio.repeat_note.value == ""


def test_a_finished_picture_is_looked_at_while_a_batch_runs(studio: Studio) -> None:
    studio.use(GenerationParams(**RED, seed=1).replace(count=20, steps=40))
    studio.generate()
    try:
        wait(lambda: len(studio.strip.items) >= 2)
        wait(lambda: studio.strip.running.get("prompt") == "a red circle")
        assert studio.strip.chosen == ""
        first = studio.strip.items[-1]["id"]
        studio.strip._on_message(None, {"kind": "choose", "id": first}, None)
        chosen = studio.image
        assert chosen is not None
        wait(lambda: len(studio.strip.items) >= 4)
        assert studio.image is chosen
        assert not studio.stage.following
        assert studio.strip.chosen == first
        studio.strip._on_message(None, {"kind": "running"}, None)
        assert studio.stage.following
        assert studio.strip.chosen == ""
    finally:
        studio.cancel()
    wait(lambda: studio.strip.running == {})
    wait(lambda: studio.strip.chosen == studio.strip.items[0]["id"])
