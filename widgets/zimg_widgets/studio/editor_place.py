"""Place in the Studio where its Editor opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets
from PIL import Image

from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.engine.session import JobSession

if TYPE_CHECKING:
    from zimg_widgets.editor.widget import Editor


class EditorPlace(ipywidgets.VBox):  # type: ignore[misc]
    """Empty until a picture is to be edited; then it holds one Editor, which stays.

    Parameters
    ----------
    session : JobSession
        Of the engine that draws.
    language : {"en", "zh"}
    """

    def __init__(self, session: JobSession, language: str) -> None:
        self._session = session
        self._language = language
        self.editor: Editor | None = None
        super().__init__([])

    def edit(self, picture: GeneratedImage | Image.Image) -> Editor:
        """Return the Editor, made if there is none, with a picture to edit."""
        from zimg_widgets.editor.widget import Editor

        if self.editor is None:
            self.editor = Editor(picture, engine=self._session.engine, language=self._language)
            self.children = [self.editor]
        else:
            self.editor.load(picture)
        return self.editor

    def restore(self, params: GenerationParams) -> Editor:
        """Return the Editor, set as for a picture of these parameters, which are an edit's.

        Raises
        ------
        BadInput
            The picture that was changed, or its mask, is not in the gallery.
        """
        from zimg_widgets.editor.restored import find_inputs

        assert params.edit is not None
        source, _ = find_inputs(params.edit, self._session.gallery, self._language)
        editor = self.edit(source)
        editor.restore(params)
        return editor
