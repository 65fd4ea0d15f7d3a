"""The workflow of requests: steps, permissions, guards, and what each step writes."""
