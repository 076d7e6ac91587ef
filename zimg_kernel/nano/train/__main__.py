"""Command ``python -m zimg_kernel.nano.train``."""

from .train import main

if __name__ == "__main__":
    main()
