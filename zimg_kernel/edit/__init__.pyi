"""Public names of the package, imported when first used."""

from . import controls as controls
from .capabilities import can_edit as can_edit
from .capabilities import editors as editors
from .operations import control as control
from .operations import img2img as img2img
from .operations import inpaint as inpaint
from .operations import instruct as instruct
from .operations import outpaint as outpaint
from .operations import upscale as upscale
from .operations import vary as vary
from .plan import EditPlan as EditPlan
