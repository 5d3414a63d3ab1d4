"""Several sites together: which of them serves an order, and stock sent from one to another."""
