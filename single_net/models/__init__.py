"""The network, the two towers it is compared with, and the frozen teachers."""
