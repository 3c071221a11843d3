"""Captions spoken by espeak-ng: which voices, and the programs that speak."""
