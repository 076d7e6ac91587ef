"""The Studio: prompt, settings, queue, previews and results in one panel."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets
from PIL import Image

from zimg_kernel import BadInput, GeneratedImage, GenerationParams, ZimgError, default_engine
from zimg_kernel.api import as_params
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.session import JobSession, session_of
from zimg_kernel.engine.session_entries import Result
from zimg_widgets._shared.job_status import interrupted_rows, job_status, queue_rows
from zimg_widgets._shared.kernel_sentences import translated
from zimg_widgets._shared.labels import in_language
from zimg_widgets._shared.labels import language as chosen_language
from zimg_widgets._shared.static_fallback import StaticFallback
from zimg_widgets._shared.static_results import StaticResults
from zimg_widgets._shared.subshell import handle_messages_in_subshell
from zimg_widgets.disclosure.widget import Disclosure
from zimg_widgets.form.restored import record_params, show_record
from zimg_widgets.gallery.widget import GalleryView

from .editor_place import EditorPlace
from .labels import LABELS
from .layout import StudioLayout

if TYPE_CHECKING:
    from zimg_widgets.editor.widget import Editor


class Studio(StaticFallback, ipywidgets.VBox):  # type: ignore[misc]
    """A panel to draw pictures with: ``Studio()`` as the last line of a cell.

    Generate hands the request to the engine and returns at once; any number of requests may
    wait. Closing the page or showing another Studio loses nothing: all Studios of a kernel show
    the same queue and results, and what a kernel left unfinished is offered by the next one.

    Parameters
    ----------
    params : GenerationParams, mapping or str, optional
        What the form shows at first; a string is a prompt. A mapping without a prompt gets an
        example, as does a Studio without any where nothing was drawn yet.
    engine : Engine, optional
        What draws; the engine of :func:`zimg_kernel.generate` by default.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Attributes
    ----------
    form : ParamsForm
        The settings; ``studio.form.params()`` is what Generate would ask for.
    """

    def __init__(
        self,
        params: GenerationParams | Mapping[str, Any] | str | None = None,
        *,
        engine: Engine | None = None,
        language: str | None = None,
    ) -> None:
        self._language = chosen_language(language)
        self._labels = in_language(LABELS, self._language)
        if isinstance(params, Mapping):
            params = {"prompt": self._labels["example"], **params}
        shown = None if params is None else as_params(params, {})
        self._session: JobSession = session_of(engine or default_engine())
        self._newest: Result | None = None
        self._asked: set[str] = set()  # ids of the jobs that this Studio asked for
        self._static_results = StaticResults()
        self._kept_id = ""  # of the result that the stage keeps for saved notebooks
        self._showing = threading.Lock()
        self._parts = StudioLayout(shown, self._labels, self._language, self._session.engine)
        self.form, self.repeat_note = self._parts.form, self._parts.repeat_note
        self.stage, self.strip, self.queue = self._parts.stage, self._parts.strip, self._parts.queue
        self.memory = self._parts.memory
        if shown is None and not self._session.results:
            self.form.prompt.value = self._labels["example"]  # for somebody's first picture
        self._editor_place = EditorPlace(self._session, self._language)
        self._connect()
        super().__init__(
            [self._parts.frame, self._parts.columns, self._editor_place, *self._gallery_part()]
        )
        self.add_class("zimg-studio")
        handle_messages_in_subshell(self)
        self._session.listen(self._show)
        self._session.engine.prepare()

    @property
    def image(self) -> GeneratedImage | None:
        """The picture that is shown."""
        return self.stage.image

    @property
    def editor(self) -> Editor | None:
        """The Editor below the form, once there is one."""
        return self._editor_place.editor

    @property
    def images(self) -> list[GeneratedImage]:
        """The pictures of the strip, the newest first, without those whose files are gone."""
        found = []
        for result in list(self._session.results):
            try:
                found.append(result.open())
            except BadInput:
                continue
        return found

    def generate(self) -> None:
        """Ask for what the form says, as the button does; what is wrong is said on the form."""
        try:
            params = self.form.params()
            job = self._session.submit(params)
        except (BadInput, ZimgError) as error:
            self.form.problem = translated(error, self._language)
            return
        self._asked.add(job.id)
        self.repeat_note.note(params, job)
        self.form.problem = ""
        self.form.show_seed(job.params.seed)
        self.stage.following = True
        self._show()

    def cancel(self) -> None:
        """Cancel the request that is on."""
        self._session.cancel()

    def use(self, picture: GeneratedImage | GenerationParams) -> None:
        """Show the settings of a picture: on the form, those of an edit in the Editor."""
        params = picture.params if isinstance(picture, GeneratedImage) else picture
        if not self._edit_again(params):
            self.form.set(params)
            self._parts.frame.reveal()
        self._show_repeat()

    def edit(self, picture: GeneratedImage | Image.Image) -> None:
        """Open an Editor on a picture, below the form; the one that is open takes it over."""
        self._editor_place.edit(picture).reveal()

    def close(self) -> None:
        """Take the panel away; what it has asked for goes on."""
        self._session.unlisten(self._show)
        super().close()

    def to_static_html(self) -> str:
        """Return the last picture and all that this Studio has drawn as HTML.

        Without a picture the settings on the form; with one its own are told, which the form
        need not have any more.
        """
        others = [result for result in self._own_results() if result.id != self._kept_id]
        figures = self._static_results.html(others)
        form = "" if self.stage.keeps_picture else self.form.to_static_html()
        return form + self.stage.to_static_html() + figures

    def _connect(self) -> None:
        """Let the controls act."""
        parts, queue = self._parts, self.queue
        self.form.on_submit(lambda _: self.generate())
        self.form.on_change(lambda _: self._form_changed())
        parts.generate.on_click(lambda _: self.generate())
        parts.cancel.on_click(lambda _: self.cancel())
        parts.drop.on_record(self._use_record)
        self.stage.on_use(self.use)
        self.stage.on_edit(self.edit)
        self.stage.on_seen(lambda _: self._show())
        self.strip.on_choose(self._choose)
        self.strip.on_choose_running(self._follow_running)
        queue.on("cancel", self._session.cancel)
        queue.on("again", self._draw_again)
        queue.on("dismiss", self._session.dismiss)

    def _gallery_part(self) -> list[Any]:
        """A heading that opens the gallery, which is made when it is first wanted."""
        if self._session.gallery is None:
            return []
        opener = Disclosure(self._labels["gallery"], language=self._language)
        box = ipywidgets.VBox([opener])
        box.add_class("zimg-disclosed")
        box.add_class("zimg-studio-gallery")

        def fill(_: Any) -> None:
            opener.unobserve(fill, "expanded")
            view = GalleryView(self._session.gallery, language=self._language, on_edit=self.edit)
            view.on_record(self._use_record)
            box.children = (opener, view)

        opener.observe(fill, "expanded")
        return [box]

    def _use_record(self, name: str, record: Mapping[str, Any]) -> None:
        """Show the settings in a picture's record."""
        if not self._edit_again(record_params(record, self.form.prompt.value)):
            show_record(self.form, name, record)
            self._parts.frame.reveal()
        self._show_repeat()

    def _edit_again(self, params: GenerationParams) -> bool:
        """Set the Editor as for an edited picture; return False if the form is to show it."""
        self._parts.drop.clear_notice()
        if params.edit is None:
            return False
        try:
            self._editor_place.restore(params).reveal()
        except BadInput as error:
            self.form.set(params)
            self.form.problem = translated(error, self._language)
            self._parts.frame.reveal()
        return True

    def _choose(self, result: Result) -> None:
        """Show a result that was pressed, and stay on it whatever is drawn meanwhile."""
        with self._showing:
            if self._show_result(result):
                newest = not self._session.requests and result is self._newest
                self.stage.following = newest
                self.strip.chosen = result.id

    def _follow_running(self) -> None:
        """Go back to what is being drawn."""
        self.stage.following = True
        if self._newest is not None:
            self._show_result(self._newest)
        self._show()

    def _show_result(self, result: Result) -> bool:
        try:
            self.stage.show(result.open(), keep=self._is_own(result))
        except BadInput as error:
            self.form.problem = translated(error, self._language)
            return False
        if self._is_own(result):
            self._kept_id = result.id
        self._show_repeat()
        return True

    def _draw_again(self, request_id: str) -> None:
        try:
            job = self._session.draw_again(request_id)
        except (BadInput, ZimgError) as error:
            self.form.problem = translated(error, self._language)
        else:
            if job is not None:
                self._asked.add(job.id)

    def _is_own(self, result: Result) -> bool:
        """Return True if this Studio asked for a result: only then a saved notebook holds it."""
        return result.job_id in self._asked

    def _own_results(self) -> list[Result]:
        return [result for result in list(self._session.results) if self._is_own(result)]

    def _form_changed(self) -> None:
        self._parts.drop.clear_notice()
        self._show_repeat()

    def _show_repeat(self) -> None:
        self.repeat_note.update(self.stage.image)

    def _show(self) -> None:
        """Show where everything is; called by the session's thread after changes."""
        with self._showing:
            requests = self._session.requests
            results = list(self._session.results)
            self._parts.cancel.disabled = not requests
            self.queue.rows = queue_rows(requests, self.queue.labels)
            self.queue.interrupted = interrupted_rows(self._session.interrupted, self.queue.labels)
            if self.editor is not None and self.editor.job is not None:
                self._asked.add(self.editor.job.id)
            own = self._own_results()
            self.strip.show(results, [result.id for result in own])
            newest = results[0] if results else None
            if newest is not None and newest is not self._newest:
                self._newest = newest
                if self.stage.following:
                    self._show_result(newest)
                self.update_static_html()
            state, step = job_status(
                requests, self._session.current, self.stage.labels, self._language
            )
            self.stage.show_progress(state, step)
            self._show_running(state, newest)
            self._show_repeat()

    def _show_running(self, state: Mapping[str, Any], newest: Result | None) -> None:
        """Show the picture that is being drawn as one tile of the strip."""
        drawing = state["status"] in ("loading", "running")
        self.strip.running = (
            {"prompt": state["prompt"], "fraction": state["fraction"]} if drawing else {}
        )
        self.strip.preview = self.stage.preview
        if self.stage.following:
            self.strip.chosen = "" if drawing or newest is None else newest.id
