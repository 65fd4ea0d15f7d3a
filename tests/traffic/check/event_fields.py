"""The fields of an event as SDKs name them: where tests put hostile values."""

EVENT_FIELDS = (
    *("type", "event", "name", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt"),
    *("properties", "traits", "context", "groupId", "previousId", "integrations"),
)
