"""From a configuration to a model file: data, batches, steps, checkpoints and logs."""
