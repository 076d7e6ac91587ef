"""HTML of a widget for viewers without a kernel, an output of its own below the live widget."""

from __future__ import annotations

from typing import Any

STATIC_CLASS = "zimg-static"

_CHILD = ".jp-OutputArea-child"
_STATIC_CHILD = f"{_CHILD}:has(.{STATIC_CLASS})"
# JupyterLab draws a widget into a Panel; where there is no kernel it writes that the model was not
# found and adds the class jupyter-widgets. Pages of nbconvert and Voilà have a .widget-subarea
# where their script has drawn the widget.
_PANEL = f"{_CHILD}:has(> .jp-OutputArea-output.lm-Panel"
_STYLE = (
    f"{_PANEL}:not(.jupyter-widgets)) + {_STATIC_CHILD},"
    f"{_CHILD}:has(.widget-subarea) + {_STATIC_CHILD},"
    f"{_PANEL}.jupyter-widgets):has(+ {_CHILD} .{STATIC_CLASS}){{display:none}}"
)


class StaticFallback:
    """Mixin that stores :meth:`to_static_html` in the notebook below the live widget.

    Viewers without a kernel show it: GitHub, nbviewer, HTML exports read offline, and JupyterLab
    for a notebook whose kernel has ended, in place of its "model not found". It is an output of
    its own, because JupyterLab shows one form of an output only, and a widget's view first. A
    style in it hides it where the widget lives. It must be small.
    """

    _static_outputs: list[Any]

    def to_static_html(self) -> str:
        """Return the widget as HTML that needs no kernel and no script."""
        raise NotImplementedError

    def update_static_html(self) -> None:
        """Store the widget as it is now in the notebooks that display it."""
        outputs = getattr(self, "_static_outputs", ())
        if outputs:
            html = _framed(self.to_static_html())
            for output in outputs:
                output.update(html)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle = super()._repr_mimebundle_()  # type: ignore[misc]  # the widget's own
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is None:
            return
        display({**data, "text/html": ""}, raw=True)
        output = display(_framed(self.to_static_html()), display_id=True)
        if output is not None:
            self._static_outputs = [*getattr(self, "_static_outputs", ()), output]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]  # the widget's own
        if bundle is None:
            return None
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/html"] = self.to_static_html()
        return bundle


def _framed(text: str) -> Any:
    from IPython.display import HTML

    return HTML(f'<div class="{STATIC_CLASS}"><style>{_STYLE}</style>{text}</div>')
