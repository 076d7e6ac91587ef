"""``python -m zimg_kernel`` is the ``zimg`` command."""

from .cli.main import main

if __name__ == "__main__":
    main()
