"""Code that the services share; it imports none of them."""
