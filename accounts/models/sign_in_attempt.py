"""Attempts to sign in, kept as long as they count: what accounts and addresses are limited by."""

from django.db import models


class SignInAttempt(models.Model):
    """One attempt, known by keyed hashes of its account and of the network that it came from.

    It counts as a failure from its beginning on, so that many at once do not all pass; one that succeeds is marked.
    Of these the newest of an account and network is kept, as a sign that the person is at home there.
    """

    account_hash = models.CharField(max_length=64)
    network_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    has_succeeded = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=("account_hash", "at"), name="sign_in_by_account"),
            models.Index(fields=("network_hash", "at"), name="sign_in_by_network"),
            models.Index(fields=("at",), name="sign_in_oldest"),
        ]

    def __str__(self) -> str:
        return f"attempt at {self.at:%Y-%m-%d %H:%M:%S}"
