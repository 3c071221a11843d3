"""Measurements of speed: python -m experiments.bench and its parts."""
