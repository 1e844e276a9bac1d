"""The other services of AWS: scheduler, queue, secrets. Clients are built on first use."""
