"""What runs on a GPU in a few minutes: its tests, speeds and trainings."""
