"""What `declarant.scrub` does, loaded at the first text that is scrubbed.

Each module owns one kind of text that may not be kept. `pipeline` puts them in order; `machine`
alone looks at anything but the text.
"""
