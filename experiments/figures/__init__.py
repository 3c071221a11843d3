"""Figures of trained runs, drawn to runs/figures/."""

from pathlib import Path

FIGURES_FOLDER = Path("runs/figures")
