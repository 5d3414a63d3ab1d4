"""What happens to an order while it waits: dates, messages, consent, charging."""
