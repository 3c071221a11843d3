"""A scene as an image: one module per group of things, flat shapes on a Pillow canvas."""
