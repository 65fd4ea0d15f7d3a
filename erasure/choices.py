"""The choices of an erasure."""

from django.db import models


class SubjectKind(models.TextChoices):
    """What an id is the id of."""

    USER = "user", "User"
    DEVICE = "device", "Device"
    ANY = "any", "User or device"
