"""Report of benchmarks: tables, plots and pictures, as HTML, JSON and in a notebook."""
