"""Pages for people, teams, profiles and sign-in."""
