"""A scene as captions: words, phrases and sentence forms."""
