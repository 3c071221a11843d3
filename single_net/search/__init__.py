"""Search by a sentence, an image or a sound: queries, indexes, contact sheets and the server."""
