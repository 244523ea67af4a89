"""Ways of making trained models smaller, beside each other: what is left of accuracy and bytes, and what it takes."""
