"""What an exported .onnx file holds beside its graph."""

KEY, FORMAT = "single_net", "single-net onnx 1"  # of the metadata
