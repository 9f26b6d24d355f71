"""What warifu offers to other people's tests."""
