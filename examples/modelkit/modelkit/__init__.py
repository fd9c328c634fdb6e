"""ModelKit, the example: a small command line that inspects and shrinks tiny neural networks."""

__version__ = "0.1.0"
