"""The versions of the register's database."""
