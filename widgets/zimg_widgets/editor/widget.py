"""The Editor: paint, say what to change, compare, and go on from any version."""

from __future__ import annotations

import html
import threading
from typing import Any

import ipywidgets

from zimg_kernel import BadInput, GeneratedImage, GenerationParams, Job, ZimgError, default_engine
from zimg_kernel.edit.request import model_for
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.session import JobSession, session_of
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.source import load_source
from zimg_widgets._shared.encode import Source, data_url
from zimg_widgets._shared.job_status import job_status
from zimg_widgets._shared.labels import in_language
from zimg_widgets._shared.labels import language as chosen_language
from zimg_widgets._shared.static_fallback import StaticFallback
from zimg_widgets._shared.subshell import handle_messages_in_subshell
from zimg_widgets.before_after.widget import Compare
from zimg_widgets.mask.widget import MaskPainter
from zimg_widgets.prompt_box.widget import PromptBox
from zimg_widgets.studio.stage.widget import Stage
from zimg_widgets.versions.widget import VersionTree

from .change import request_change
from .frame import EditorFrame
from .labels import LABELS, WAYS
from .options import EditorOptions
from .restored import RestoredEdit, restore


class Editor(StaticFallback, ipywidgets.VBox):  # type: ignore[misc]
    """A panel to change a picture with: ``Editor(picture)`` as the last line of a cell.

    Repaint what is painted over, change it by words, extend it at its sides, vary or enlarge
    it; see before and after under one slider, and go on from the result or from any version.

    Parameters
    ----------
    image : GeneratedImage, PIL.Image.Image, str or Path, optional
        The picture; the newest of the gallery by default.
    model : str, optional
        What draws (for words: a model that follows instructions); by default the model of the
        picture.
    engine : Engine, optional
        The engine of :func:`zimg_kernel.generate` by default.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Attributes
    ----------
    painter : MaskPainter
        The picture that is changed, with the mask for repainting.
    result : GeneratedImage or None
        What the last change gave.
    versions : VersionTree or None
        The family of that picture, where a gallery keeps it.

    Raises
    ------
    BadInput
        No picture is given and the gallery has none, or it cannot be read.
    """

    def __init__(
        self,
        image: Source | None = None,
        *,
        model: str | None = None,
        engine: Engine | None = None,
        language: str | None = None,
    ) -> None:
        self._language = chosen_language(language)
        self._labels = in_language(LABELS, self._language)
        self._engine = engine or default_engine()
        self._session: JobSession = session_of(self._engine)
        self._model = model
        self._job: Job | None = None
        self._step: Any = None
        self._showing = threading.RLock()
        self.result: GeneratedImage | None = None
        self.versions: VersionTree | None = None
        self._taken = load_source(self._newest() if image is None else image)
        self._build()
        super().__init__([self._frame, self._columns, self._versions])
        self.add_class("zimg-editor")
        handle_messages_in_subshell(self)
        self._take_up()
        self._session.listen(self._show)

    @property
    def image(self) -> Any:
        """The picture that is changed, RGB or RGBA."""
        return self._taken.image

    @property
    def job(self) -> Job | None:
        """The change that is being made."""
        return self._job

    def run(self) -> None:
        """Make the change that is set, as the button does; what is wrong is said on the panel."""
        way, words = self.ways.value, self.prompt.value.strip() or None
        given: dict[str, Any] = {"engine": self._engine}
        if self._model and way != "instruct":
            given["model"] = self._model
        if self.restored is not None:
            given |= self.restored.arguments(way)
        given |= self.options.read()
        try:
            job = request_change(way, self._taken, words, self.painter.mask, given)
        except (BadInput, ZimgError) as error:
            self._problem.value = str(error)
            return
        self._problem.value = ""
        self._said.value = " ".join(job.notes)
        self._job = job
        self._lay(self.stage)
        self._session.follow(job)
        self._show()

    def cancel(self) -> None:
        """Stop what is being drawn."""
        if self._job is not None:
            self._job.cancel()

    def load(self, image: Source) -> None:
        """Make the next change to another picture."""
        self._taken = load_source(image)
        self._take_up()

    def restore(self, params: GenerationParams) -> None:
        """Set everything as for an edited picture, so that the next change draws it again.

        Raises
        ------
        BadInput
            The picture that was changed, or its mask, is not in the gallery.
        """
        restore(self, params, self._gallery(), self._language)

    def reveal(self) -> None:
        """Bring the panel into view where it is shown."""
        self._frame.reveal()

    def say(self, sentence: str) -> None:
        """Show a quiet sentence until the next change."""
        self._said.value = sentence

    def close(self) -> None:
        """Take the panel away; what it has asked for goes on."""
        self._session.unlisten(self._show)
        super().close()

    def to_static_html(self) -> str:
        """Return before and after as HTML, or the picture alone."""
        return (
            self._slider.to_static_html()
            if self._slider is not None
            else self.painter.to_static_html()
        )

    def _newest(self) -> GeneratedImage:
        gallery = self._gallery()
        found = gallery.search(limit=1) if gallery is not None else []
        if not found:
            raise BadInput(
                "The gallery has no picture yet: give one, such as Editor('photo.jpg'), or draw "
                "one first.",
                code="gallery-empty",
                field="image",
            )
        newest: GeneratedImage = found[0].open()
        return newest

    def _gallery(self) -> Gallery | None:
        return getattr(self._engine, "gallery", None)

    def _build(self) -> None:
        words, language = self._labels, self._language
        self._frame = EditorFrame(language=language)
        self._slider: Compare | None = None
        self.ways = ipywidgets.ToggleButtons(
            options=[(words[way], way) for way in WAYS],
            tooltips=[words[f"{way}_help"] for way in WAYS],
            description="",
        )
        ways = ipywidgets.VBox([ipywidgets.Label(words["ways"]), self.ways])
        ways.add_class("zimg-editor-ways")
        self.prompt = PromptBox(language=language, label=words["inpaint_prompt"])
        self.prompt.hint = words["run_key"]
        self.prompt.on_submit(lambda _: self.run())
        self.options = EditorOptions(words, self._draws())
        self._run = ipywidgets.Button(description=words["run"], tooltip=words["run_help"])
        self._run.add_class("zimg-primary")
        self._run.on_click(lambda _: self.run())
        self._cancel = ipywidgets.Button(
            description=words["cancel"], tooltip=words["cancel_help"], disabled=True
        )
        self._cancel.on_click(lambda _: self.cancel())
        actions = ipywidgets.HBox([self._run, self._cancel])
        actions.add_class("zimg-actions")
        self._problem, self._said = ipywidgets.Label(""), ipywidgets.Label("")
        self._problem.add_class("zimg-editor-problem")
        self._said.add_class("zimg-editor-note")
        self._onward = ipywidgets.Button(
            description=words["onward"], tooltip=words["onward_help"], layout={"width": "auto"}
        )
        self._onward.on_click(self._go_on)
        left = ipywidgets.VBox(
            [ways, self.prompt, self.options, actions, self._problem, self._said]
        )
        self.stage = Stage(language=language)
        self.stage.on_seen(lambda _: self._show())
        self._above = ipywidgets.VBox([])
        self._plain = ipywidgets.HTML()  # ipywidgets' Image has no alternative text
        self._right = ipywidgets.VBox([])
        self._columns = ipywidgets.Box([left, self._right])
        self._versions = ipywidgets.VBox([])
        boxes = ((left, "left"), (self._right, "right"), (self._above, "above"))
        for box, name in (*boxes, (self._columns, "columns"), (self._versions, "versions")):
            box.add_class(f"zimg-editor-{name}")
        self.ways.observe(lambda _: self._choose_way(), "value")

    def _choose_way(self) -> None:
        way = self.ways.value
        self.options.show(way)
        self._show_picture()
        self.prompt.label = self._labels[f"{way}_prompt"]
        params = self._taken.params
        own = params.prompt if params and not _instructed(params) else ""
        if way == "instruct":
            self.prompt.placeholder = self._labels["instruct_example"]
            if self.prompt.value == own:
                self.prompt.value = ""
        elif not self.prompt.value:
            self.prompt.value = own

    def _draws(self) -> str:
        """The model that repaints and varies."""
        return model_for("inpaint", self._taken, self._model, self._engine)[0]

    def _take_up(self) -> None:
        """Show the picture that was taken in as the one that is changed next."""
        self.restored: RestoredEdit | None = None
        self.options.steps = None
        self.say("")
        old = getattr(self, "painter", None)
        self.painter = MaskPainter(self._taken.rgb, language=self._language)
        params = self._taken.params
        self.painter.alt = params.prompt if params else ""
        self.options.model = self._draws()
        self.prompt.value = params.prompt if params and not _instructed(params) else ""
        alt = html.escape(self.painter.alt or self._labels["before"], quote=True)
        self._plain.value = f'<img alt="{alt}" src="{data_url(self._taken.rgb)}">'
        self._right.children = [self._above, self.painter, self._plain]
        self._choose_way()
        self._lay()
        if old is not None:
            old.close()

    def _show(self) -> None:
        """Show how far the change is; called by the session's thread."""
        with self._showing:
            job = self._job
            if job is None:
                return
            request = self._session.request_of(job)
            running = not job.finished
            self._cancel.disabled = not running
            waiting = [request] if request is not None and running else []
            state, step = job_status(waiting, request, self.stage.labels)
            with self.stage.hold_sync():
                if step is None:
                    self.stage.preview = b""
                elif step is not self._step and self.stage.watched:
                    self.stage.show_preview(step.preview)
                self._step = step
                self.stage.state = state
            if job.status == "done":
                self._job = None
                self._finish(job.images[0])

    def _finish(self, image: GeneratedImage) -> None:
        self.result = image
        before = self._taken.image
        words = (self._labels["before"], self._labels["after"])
        if self._slider is None:
            self._slider = Compare(before, image, captions=words, language=self._language)
        else:
            self._slider.show(before, image)
        self._lay(self._slider, self._onward)
        self._show_versions(image)

    def _lay(self, *above: Any) -> None:
        """Put at the right, above the picture, what came out."""
        self._above.children = above

    def _show_picture(self) -> None:
        """Show the picture to be painted on, or only to be looked at."""
        painting = self.ways.value == "inpaint"
        self.painter.layout.display = None if painting else "none"
        self._plain.layout.display = "none" if painting else None

    def _go_on(self, _: Any) -> None:
        if self.result is not None:
            self.load(self.result)

    def _show_versions(self, image: GeneratedImage) -> None:
        """Show the family of the last result; going on from a version is going on here."""
        gallery = self._gallery()
        if gallery is None or image.path is None:
            return
        if self.versions is None:
            self.versions = VersionTree(
                image, gallery, on_continue=self.load, language=self._language
            )
            self._versions.children = [self.versions]
        else:
            self.versions.show(image)


def _instructed(params: Any) -> bool:
    """Return True if a prompt is an instruction, which does not tell what the picture shows."""
    return params.edit is not None and params.edit.kind == "instruct"
