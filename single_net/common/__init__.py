"""What several packages need: devices, processes, locks, files of tensors, provenance and HTML pages."""
