"""Programs that nobody here wrote, driving what we wrote."""
