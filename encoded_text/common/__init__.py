"""Errors, files and progress bars: what encoded_text and single_net both need."""
