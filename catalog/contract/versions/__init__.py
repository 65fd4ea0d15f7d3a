"""Numbers of versions, and the order of app versions."""
