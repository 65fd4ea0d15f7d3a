"""A small API with every kind of answer, to try the house's manners on before any room has an API."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import include, path
from rest_framework import generics, serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Team
from accounts.permissions import require_anywhere
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability

handler400 = "accounts.views.error_pages.bad_request"
handler403 = "accounts.views.error_pages.forbidden"
handler404 = "accounts.views.error_pages.not_found"
handler500 = "accounts.views.error_pages.server_error"


class TeamSerializer(serializers.ModelSerializer):
    class Meta:
        model = Team
        fields = ("slug", "name")


class TeamListView(generics.ListAPIView):
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    ordering = "-name"


class ChangeSerializer(serializers.Serializer):
    action = serializers.ChoiceField(choices=["create", "retire"])
    sources = serializers.ListField(child=serializers.SlugField())


class CreateRequestSerializer(serializers.Serializer):
    title = serializers.CharField()
    changes = ChangeSerializer(many=True)


class CreateRequestView(APIView):
    def post(self, request: Request) -> Response:
        serializer = CreateRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        require_anywhere(request.user, Capability.REQUEST_CREATE)
        return Response(serializer.data, status=201)


class FailingView(APIView):
    def get(self, request: Request, how: str) -> Response:
        raise {
            "unmet": UnmetConditionsError(
                [UnmetCondition("stale", "Lin changed it."), UnmetCondition("warning", "A warning is open.")]
            ),
            "validation": ValidationError({"since": ["Not a date."]}),
            "missing": Http404("No Team matches the given query."),
            "throttled": Throttled(wait=7.2),
            "crash": ZeroDivisionError("secret"),
        }[how]


urlpatterns = [
    path("api/v1/teams/", TeamListView.as_view()),
    path("api/v1/ask/", CreateRequestView.as_view()),
    path("api/v1/fail/<str:how>/", FailingView.as_view()),
    path("", include("config.urls")),
]
