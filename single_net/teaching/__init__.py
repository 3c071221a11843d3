"""Knowledge distillation: the frozen teachers' features, their joint space, and a data set as they see it."""
