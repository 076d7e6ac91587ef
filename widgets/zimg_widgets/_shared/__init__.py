"""Parts that several controls share."""
