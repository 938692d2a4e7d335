"""What belongs to an owner beside its jobs."""
