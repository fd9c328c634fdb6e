"""What `make demo` shows, scene by scene."""
