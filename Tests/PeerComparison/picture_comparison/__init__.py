"""Pictures of models beside those of other programs: what they cost, and what is seen of a model at first."""
