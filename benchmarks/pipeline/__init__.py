"""The whole way that events take: from HTTP through the inbox and the check into rollups, with real processes."""
