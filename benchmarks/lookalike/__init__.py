"""What the look-alike engine finds, whom it wrongly accuses, and what it costs, beside its peers."""
