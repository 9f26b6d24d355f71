"""Every MUST of the protocols that protects somebody, each with the one request that breaks it."""
