"""What `POST /api/v1/check/` is asked: events in a body of ours, or a body as an SDK posts it to the collector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser

from accounts.api.strict_views import InvalidParameters
from catalog.contract import ParsedJson, UnparsableBody, parse_json
from tracking.traffic.api.serializers import CheckOptionsSerializer, CheckSerializer
from tracking.traffic.check.dry_run import DryRunResult, UnknownVersion, dry_run_body, dry_run_events
from tracking.traffic.collect.bodies import BodyTooLarge, InvalidBody, UnknownEncoding, inflate, read_bounded
from tracking.traffic.collect.wires import Envelope, OversizedBody, require_few_values

OPTIONS = tuple(CheckOptionsSerializer().fields)
"""What may be said in the query as well as in a body of ours."""


class RequestTooLarge(APIException):
    """A body over the limit of the collector."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class EventBodyParser(BaseParser):
    """Bodies as the collector takes them, whatever their headers say, packed or not: the JSON text, in bytes."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, bytes]:
        """The body, inflated, under that name. Raises what the collector answers: 400, 413 or 415."""
        encoding = (parser_context or {})["request"].headers.get("Content-Encoding", "")
        try:
            body = read_bounded(stream, settings.COLLECT_MAX_BODY_BYTES)
            return {"body": inflate(body, settings.COLLECT_MAX_INFLATED_BYTES, encoding=encoding)}
        except BodyTooLarge as error:
            raise RequestTooLarge(str(error)) from error
        except UnknownEncoding as error:
            raise UnsupportedMediaType(encoding, detail=str(error)) from error
        except InvalidBody as error:
            raise ParseError(str(error)) from error


def dry_run_request(body: bytes, query: Mapping[str, str]) -> tuple[list[DryRunResult], bool]:
    """Return what the check would say of what was posted, and whether warnings count as failures.

    A body of ours names its source, or its events as `events`; every other one is a body of an SDK, whose source the
    query names. Raises ValidationError, InvalidParameters, ParseError and RequestTooLarge for what cannot be tried.
    """
    try:
        require_few_values(body)
        parsed = parse_json(body)
        is_ours = isinstance(parsed.value, dict) and ("source" in parsed.value or "events" in parsed.value)
        ours = is_ours or "source" not in query
        results, strict = _dry_run_ours(parsed, query) if ours else _dry_run_sdk_body(body, query)
    except OversizedBody as error:
        raise RequestTooLarge(str(error)) from error
    except UnparsableBody as error:
        raise ParseError(str(error)) from error
    except UnknownVersion as error:
        raise ValidationError({"version": [ErrorDetail(str(error), code="unknown")]}) from error
    if not results:
        raise ParseError("No event was checked: there is none in the body.")
    return results, strict


def _dry_run_sdk_body(body: bytes, query: Mapping[str, str]) -> tuple[list[DryRunResult], bool]:
    serializer = CheckOptionsSerializer(data=query)
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        raise InvalidParameters(error.detail) from error
    values = dict(serializer.validated_data)
    strict = values.pop("strict")
    return dry_run_body(values.pop("source"), values.pop("environment"), body, **values), strict


def _dry_run_ours(parsed: ParsedJson, query: Mapping[str, str]) -> tuple[list[DryRunResult], bool]:
    if not isinstance(parsed.value, dict):
        raise ParseError("The body is not a JSON object. Name the source in the query to send it as an SDK does.")
    if both := [name for name in query if name in parsed.value]:
        raise InvalidParameters({name: ["It stands in the body too. Say it once."] for name in both})
    name = "events" if "events" in parsed.value else "batch"
    if outside := [error for error in parsed.parse_errors if not error.pointer.startswith(f"/{name}/")]:
        raise ParseError(f"The JSON is damaged at {outside[0].pointer or 'its beginning'}: {outside[0].reason}.")
    serializer = CheckSerializer(data={**query, **parsed.value})
    serializer.is_valid(raise_exception=True)
    values = dict(serializer.validated_data)
    results = dry_run_events(
        values["source"],
        values["environment"],
        [ParsedJson(event, parsed.parse_errors_below(f"/{name}/{index}")) for index, event in enumerate(values[name])],
        wire=values["wire"],
        call=values["call"],
        envelope=Envelope(events=(), sent_at=values.get("sentAt"), shared=values.get("context")),
        version=values["version"],
    )
    return results, values["strict"]
