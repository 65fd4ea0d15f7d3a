"""What the test run itself needs: how skips count, and which tests share one process."""
