"""Public names of the package, imported when first used."""

from . import edit as edit
from . import lora as lora
from . import prompts as prompts
from .api import LocalEngine as LocalEngine
from .api import batch_generate as batch_generate
from .api import default_engine as default_engine
from .api import generate as generate
from .api import generate_image as generate_image
from .api import get_pipeline as get_pipeline
from .api import submit as submit
from .api import use_gallery as use_gallery
from .edit import controls as controls
from .engine.job import Job as Job
from .engine.protocol import Engine as Engine
from .engine.step_strip import Strip as Strip
from .errors import BadInput as BadInput
from .errors import GalleryError as GalleryError
from .errors import JobCancelled as JobCancelled
from .errors import OutOfMemory as OutOfMemory
from .errors import WeightsMissing as WeightsMissing
from .errors import ZimgError as ZimgError
from .errors import ZimgWarning as ZimgWarning
from .experiments import grid as grid
from .experiments import suite as suite
from .experiments import variety as variety
from .gallery.gallery import Gallery as Gallery
from .images.contact_sheet import GeneratedImages as GeneratedImages
from .images.contact_sheet import contact_sheet as contact_sheet
from .images.image import GeneratedImage as GeneratedImage
from .models.catalog import ModelCard as ModelCard
from .models.catalog import get_card as get_card
from .models.catalog import load_catalog as load_catalog
from .models.load_profile import use_profile as use_profile
from .params import GenerationParams as GenerationParams

__version__: str
