"""What fuzzing holds the product to: targets, their seeds, their edits; none needs a fuzzer."""
