"""What all measures of `make bench` share: environments, processes, the sink, figures, reports."""
