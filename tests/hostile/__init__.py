"""What strangers send to every address: it is answered, never with a failure of ours."""
