"""What an exported .onnx file holds beside its graph."""

KEY, FORMAT = "single_net", "single-net onnx 2"  # of the metadata
