"""Z-Image family: prompts, schedulers, pipelines, ControlNets and LoRAs. Imports no torch."""
