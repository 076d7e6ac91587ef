"""Voilà server of the web page, whose browser opens the address with its token."""

from __future__ import annotations

import html
import tempfile
import threading
import webbrowser
from pathlib import Path
from urllib.parse import quote

from voila.app import Voila


class AppServer(Voila):  # type: ignore[misc]
    """Voilà, which opens the browser at the address without the token otherwise."""

    def launch_browser(self) -> None:
        """Open the browser at a file that only this user can read and that leads to the page.

        Other users can read the arguments with which a browser is started.
        """
        try:
            browser = webbrowser.get(self.browser or None)
        except webbrowser.Error as error:
            self.log.warning("No web browser was found: %s.", error)
            return
        token = self.identity_provider.token
        address = self.connection_url + (f"?token={quote(token)}" if token else "")
        with tempfile.NamedTemporaryFile(
            "w", suffix=".html", prefix="zimg-app-", encoding="utf-8", delete=False
        ) as file:
            url = html.escape(address, quote=True)
            file.write(f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={url}">')
        threading.Thread(target=browser.open, args=(Path(file.name).as_uri(),)).start()
