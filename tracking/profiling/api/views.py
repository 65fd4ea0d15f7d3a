"""Profiles in the API."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.strict_views import InvalidParameters, StrictView
from catalog.models import Event
from tracking.profiling.api.serializers import EventProfileSerializer, ProfileOptionsSerializer
from tracking.profiling.distinct_count import STANDARD_ERROR
from tracking.profiling.event_profiles import profile_of_event, sensitivity_of_values
from tracking.profiling.property_figures import may_show_values

OPTIONS = tuple(ProfileOptionsSerializer().fields)


class EventProfileView(StrictView, GenericAPIView[Any]):
    """What came in the properties of an event."""

    serializer_class = EventProfileSerializer
    query_parameters: ClassVar = {"GET": OPTIONS, "HEAD": OPTIONS}

    @extend_schema(parameters=[ProfileOptionsSerializer], responses={200: EventProfileSerializer})
    def get(self, request: Request, event_pk: int) -> Response:
        """Return how often each property of an event was filled in, and with what, in the last days.

        What has just arrived is counted within seconds. Numbers of people and of different values are estimates.
        """
        event = get_object_or_404(Event, pk=event_pk)
        options = ProfileOptionsSerializer(
            data={name: request.query_params[name] for name in OPTIONS if name in request.query_params}
        )
        if not options.is_valid():
            raise InvalidParameters(options.errors)
        asked = options.validated_data
        profile = profile_of_event(event, **asked)
        sensitivity = sensitivity_of_values(profile, event.shown_version_id)
        properties = [
            {
                "path": path,
                "parents": counted.parents,
                "present": counted.present,
                "null": counted.null,
                "wrong_type": counted.wrong_type,
                "fill_rate": round(counted.fill_rate, 6),
                "distinct_values": counted.distinct_values,
                "values": counted.values if may_show_values(path, sensitivity) else None,
            }
            for path, counted in sorted(profile.properties.items())
        ]
        answer = {
            "days": asked["days"],
            "events": profile.events,
            "people": profile.people_count,
            "mean_bytes": profile.mean_bytes,
            "standard_error": STANDARD_ERROR,
            "properties": properties,
        }
        return Response(EventProfileSerializer(answer).data)
