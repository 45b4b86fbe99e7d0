"""The compared systems: how a row of experiments.yaml is trained and how it captions a picture."""
