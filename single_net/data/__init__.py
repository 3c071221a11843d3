"""Data sets of images with captions: reading, decoding, augmentation, and the check for train/test overlap."""
