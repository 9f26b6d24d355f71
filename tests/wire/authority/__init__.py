"""The authorities at work, beyond their record: log, access, services, ceremony."""
