"""Settings: `base` holds what every installation shares; `demo`, `production` and `testing` say what differs."""
