"""How long people stay signed in, and what is known of the browser that they use."""
