"""Public names of the package, imported when first used."""

from ._shared.subshell import heard_while_busy as heard_while_busy
from .before_after.widget import Compare as Compare
from .before_after.widget import compare as compare
from .editor.widget import Editor as Editor
from .form.widget import ParamsForm as ParamsForm
from .gallery.widget import GalleryView as GalleryView
from .grid.follow import show_grid as show_grid
from .grid.widget import GridView as GridView
from .mask.widget import MaskPainter as MaskPainter
from .memory.widget import MemoryBar as MemoryBar
from .prompt_box.check import check_prompt as check_prompt
from .prompt_box.widget import PromptBox as PromptBox
from .rating.widget import rate as rate
from .settings_drop.widget import SettingsDrop as SettingsDrop
from .studio.widget import Studio as Studio
from .versions.widget import VersionTree as VersionTree
