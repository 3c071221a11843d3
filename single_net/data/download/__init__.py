"""Data sets by one command: `python -m single_net.data.download flickr8k --to DIR`."""
