"""Who: people, teams, memberships, roles, tokens, the history of changes, and what every API view shares."""
