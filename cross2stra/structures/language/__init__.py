"""Scene graphs of sentences (LSG): English by dependency rules, Chinese by word-class patterns."""
