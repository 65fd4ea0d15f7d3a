"""The API's manners: who asks, how errors and pages look."""
