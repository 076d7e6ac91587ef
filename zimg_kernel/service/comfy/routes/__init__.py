"""Routes of ComfyUI's API, with and without ``/api``, and of its API v2."""
