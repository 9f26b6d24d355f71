"""The versions of the OpenID provider's database."""
