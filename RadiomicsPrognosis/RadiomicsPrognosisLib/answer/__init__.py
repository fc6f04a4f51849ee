"""What is told of a prediction: the same words, in the same order, wherever it is shown."""
