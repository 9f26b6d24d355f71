"""The migrations of the OpenID provider's database."""
