"""A trained run as a Model: loading, embedding, test-time augmentation, ONNX."""
