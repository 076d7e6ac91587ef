"""Words of the miniatures: captions, vocabulary, prompt reading."""
