"""Who: people, teams, memberships, roles, tokens, the house's history and the API's manners."""
