"""The Editor: paint, say what to change, compare, and go on from any version."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets

from zimg_kernel import BadInput, GeneratedImage, GenerationParams, Job, ZimgError, default_engine
from zimg_kernel.edit.request import model_for
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.session import JobSession, session_of
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.source import load_source
from zimg_widgets._shared.encode import Source
from zimg_widgets._shared.job_status import job_status
from zimg_widgets._shared.kernel_sentences import joined, translated
from zimg_widgets._shared.labels import in_language
from zimg_widgets._shared.labels import language as chosen_language
from zimg_widgets._shared.static_fallback import StaticFallback
from zimg_widgets._shared.subshell import handle_messages_in_subshell
from zimg_widgets.before_after.extended import on_extended_canvas
from zimg_widgets.before_after.widget import Compare
from zimg_widgets.mask.widget import MaskPainter
from zimg_widgets.versions.widget import VersionTree

from .change import request_change
from .labels import LABELS
from .layout import EditorLayout
from .prompts import EditPrompts, own_prompt
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
        self._asked: set[str] = set()  # hashes of the changes that were asked for
        self._showing = threading.RLock()
        self._comparison: Compare | None = None
        self.result: GeneratedImage | None = None
        self.versions: VersionTree | None = None
        self._source = load_source(self._newest() if image is None else image)
        self._parts = EditorLayout(self._labels, self._drawing_model(), self._language)
        self.ways, self.prompt = self._parts.ways, self._parts.prompt
        self.options, self.stage = self._parts.options, self._parts.stage
        self._prompts = EditPrompts(self.prompt, self._labels)
        self._connect()
        super().__init__(self._parts.children)
        self.add_class("zimg-editor")
        handle_messages_in_subshell(self, self._parts.use_result)
        self._show_source()
        self._session.listen(self._show)

    @property
    def image(self) -> Any:
        """The picture that is changed, RGB or RGBA."""
        return self._source.image

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
            job = request_change(way, self._source, words, self.painter.mask, given)
        except (BadInput, ZimgError) as error:
            empty = error.code == "empty-mask"  # of masks in files the kernel's sentence tells
            said = self._labels["unpainted"] if empty else translated(error, self._language)
            self._parts.problem.value = said
            self._parts.frame.show_problem()
            return
        self._parts.problem.value = ""
        self._parts.notes.value = self._notes_on(job)
        self._job = job
        self._parts.show_outcome(self.stage)
        self._session.follow(job)
        self._show()

    def cancel(self) -> None:
        """Stop what is being drawn."""
        if self._job is not None:
            self._job.cancel()

    def load(self, image: Source) -> None:
        """Make the next change to another picture."""
        self._source = load_source(image)
        self._show_source()
        self.update_static_html()

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
        self._parts.frame.reveal()

    def say(self, sentence: str) -> None:
        """Show a quiet sentence until the next change."""
        self._parts.notes.value = sentence

    def close(self) -> None:
        """Take the panel away; what it has asked for goes on."""
        self._session.unlisten(self._show)
        if self.versions is not None:
            self.versions.close()
        super().close()

    def to_static_html(self) -> str:
        """Return the last change, before and after, as HTML; without one, the picture alone."""
        shown = self._comparison or self.painter
        return shown.to_static_html()

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
        return self._engine.gallery

    def _notes_on(self, job: Job) -> str:
        """Return what is to be said of a change beside its button."""
        key = job.params.hash
        notes = [*job.notes, *([self._labels["repeat"]] if key in self._asked else [])]
        self._asked.add(key)
        return joined(notes, self._language)

    def _connect(self) -> None:
        """Let the controls act."""
        parts = self._parts
        parts.ways.observe(lambda _: self._choose_way(), "value")
        parts.prompt.on_submit(lambda _: self.run())
        parts.run.on_click(lambda _: self.run())
        parts.cancel.on_click(lambda _: self.cancel())
        parts.use_result.on_click(lambda _: self._continue_from_result())
        parts.stage.on_seen(lambda _: self._show())

    def _choose_way(self) -> None:
        self._prompts.choose(self.ways.value)
        self._parts.choose_way(self.painter)

    def _drawing_model(self) -> str:
        """Return the model that repaints and varies."""
        return model_for("inpaint", self._source, self._model, self._engine)[0]

    def _show_source(self) -> None:
        """Show the picture that is changed next."""
        self.restored: RestoredEdit | None = None
        self.options.steps = None
        self.say("")
        old = getattr(self, "painter", None)
        self.painter = MaskPainter(self._source.rgb, language=self._language)
        params = self._source.params
        self.painter.alt = own_prompt(params)
        self.painter.observe(lambda _: self.update_static_html(), "mask_png")
        self.options.model = self._drawing_model()
        self._prompts.describe(params)
        self._parts.show_picture(self.painter, self._source.rgb)
        self._parts.choose_way(self.painter)
        self._parts.show_outcome()
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
            self._parts.cancel.disabled = not running
            waiting = [request] if request is not None and running else []
            state, step = job_status(waiting, request, self.stage.labels, self._language)
            self.stage.show_progress(state, step)
            if job.status == "done":
                try:
                    self._finish(job.images[0])
                finally:
                    self._job = None  # last: who waits for it finds the result

    def _finish(self, image: GeneratedImage) -> None:
        self.result = image
        before = on_extended_canvas(self._source.rgb, image)
        if self._comparison is None:
            words = (self._labels["before"], self._labels["after"])
            self._comparison = Compare(before, image, captions=words, language=self._language)
        with self._comparison.hold_sync():
            self._comparison.show(before, image)
            self._comparison.show_change()
        self._parts.show_outcome(self._comparison, self._parts.use_result)
        self.update_static_html()
        self._show_versions(image)

    def _continue_from_result(self) -> None:
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
            self._parts.versions.children = [self.versions]
        else:
            self.versions.show(image)
