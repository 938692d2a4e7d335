"""Before a route: the key of a request, limits of its owner, its JSON body."""
