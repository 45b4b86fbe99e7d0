"""Scene graphs and constituency trees: their types, what extracts them, what scores them, what imagines and draws them."""
