"""Public names of the package, imported when first used."""

from .controlnet import load_controlnet as load_controlnet
from .maps import KINDS as KINDS
from .maps import control_map as control_map
from .preview import ControlPreview as ControlPreview
from .preview import preview_control as preview_control
