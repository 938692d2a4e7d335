"""What a request passes before its route: its key, the limits of its owner, its JSON body."""
