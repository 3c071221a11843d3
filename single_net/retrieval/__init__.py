"""Distances, nearest neighbors, ranks, Recall@K and intervals, from embeddings alone."""
