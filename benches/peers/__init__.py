"""The libraries that the engine is timed against, each used as its experts would."""
