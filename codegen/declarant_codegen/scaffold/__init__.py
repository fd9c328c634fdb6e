"""A catalogue for a new product: asked for, made whole, put in place.

What is made here is where authors start, so it is held to every rule that they will be held to: the
files are loaded, approved and generated from as any other catalogue before one of them is placed.
"""
