"""Records on their way out: the stream as batches, lines, Parquet, files that are written whole."""
