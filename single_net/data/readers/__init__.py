"""Readers of data sets: each gives the images and captions of one split as a CaptionDataset."""
