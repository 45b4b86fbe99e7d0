"""The model of sections 3 and A.2: graph encoders, captioner, translator, decoding. Knows no files but its own."""
