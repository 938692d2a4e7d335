"""What belongs to an owner beside its jobs: keys, webhooks, usage."""
