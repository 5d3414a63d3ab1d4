"""Interactive pages: the film of the queue and the page of a sweep."""
