"""Entry point of ``python -m zimg_kernel``: the ``zimg`` command."""

from .cli import main

if __name__ == "__main__":
    main()
