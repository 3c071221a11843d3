"""What is in a scene and where: themes, kinds of things, casting and layout."""
