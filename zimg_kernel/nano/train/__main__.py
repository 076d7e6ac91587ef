"""Command ``python -m zimg_kernel.nano.train``."""

from .run import main

if __name__ == "__main__":
    main()
