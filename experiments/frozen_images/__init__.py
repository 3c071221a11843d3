"""A frozen ImageNet network for images and an LSTM for captions: a tutorial's pair classifier beside a joint space.

The tutorial is Comet's "Cross-Modal Retrieval: Image-to-Text and Text-to-Image Search": VGG16 features and an LSTM over
learned word vectors, concatenated and classified, all of it trained. Here the ImageNet network is EfficientNet-Lite2
and stays frozen, and the classes are whether image and caption belong together or not; the tutorial's own labels are
random numbers.
"""
