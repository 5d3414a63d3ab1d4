"""Which distribution recorded values come from: samples, likelihoods, ranking."""
