"""The shape of a replay: what breaking changes would do to events that came."""

from rest_framework import serializers

from tracking.requests.evidence.replay import CHANGES_PER_REPLAY, Replay

REPLAYED_CHANGE = "replay"
"""The query parameter of a request that asks for the replay of one of its changes, by that change's id."""


class LeftOutSerializer(serializers.Serializer):
    """Breaking changes that an answer does not replay: how many, which, and how to ask for one of them."""

    count = serializers.SerializerMethodField()
    changes = serializers.ListField(child=serializers.IntegerField(), source="left_out")
    detail = serializers.SerializerMethodField()

    def get_count(self, replay: Replay) -> int:
        return len(replay.left_out)

    def get_detail(self, replay: Replay) -> str:
        if not replay.left_out:
            return ""
        return (
            f"One answer replays {CHANGES_PER_REPLAY} changes. Ask for one of the others by its id: "
            f"?{REPLAYED_CHANGE}={replay.left_out[0]}"
        )


class ReplaySerializer(serializers.Serializer):
    """What a request's changes would do to the newest samples, and the token that says it was seen."""

    token = serializers.CharField()
    changes = serializers.ListField(child=serializers.DictField())
    left_out = LeftOutSerializer(source="*")
