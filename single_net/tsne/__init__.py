"""t-SNE plots of images and captions (paper, Figure 3), as a figure or an interactive page."""
