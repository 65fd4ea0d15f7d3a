"""The errors of the API in its OpenAPI document: which an operation answers, and their one shape (RFC 9457)."""

from __future__ import annotations

from typing import Any

CONTENT_TYPE = "application/problem+json"
TEXT = {"type": "string"}
WRITING_METHODS = frozenset({"post", "put", "patch", "delete"})
METHODS = WRITING_METHODS | {"get"}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Programs branch on `type` and `status`; `detail` is for people.",
    "properties": {
        "type": {"type": "string", "description": "A URN of ours, or about:blank where the status says it all"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": {
            "type": "array",
            "description": "Of a 400: each value that is not right, by its JSON pointer or its query parameter",
            "items": {
                "type": "object",
                "properties": {"pointer": TEXT, "parameter": TEXT, "code": TEXT, "detail": TEXT},
                "required": ["code", "detail"],
            },
        },
        "missing_roles": {
            "type": "array",
            "description": "Of a 403: any of these roles would do; empty where no role helps",
            "items": TEXT,
        },
        "unmet": {
            "type": "array",
            "description": "Of a 409: every condition of the step that does not hold",
            "items": {"type": "object", "properties": {"code": TEXT, "detail": TEXT}, "required": ["code", "detail"]},
        },
    },
    "required": ["type", "title", "status", "detail", "errors"],
}

DESCRIPTIONS = {
    400: "A parameter or the body is not right; `errors` says where.",
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The token's person, or its scopes, may not do this; `missing_roles` says who may.",
    404: "There is nothing at this address.",
    406: "The API answers JSON alone, and `Accept` asks for something else.",
    409: "The step is not possible as things stand now; `unmet` says why.",
    413: "The body is larger than this server takes.",
    415: "The body is of another type than JSON.",
    429: "Too many requests; `Retry-After` says in how many seconds to try again.",
    503: "The server cannot answer now; `Retry-After` says in how many seconds to try again.",
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 0}}}
EVERYWHERE = (400, 401, 403, 406, 429, 503)


def describe_problems(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """Return the document with the errors of each operation: a hook that drf-spectacular calls at the end."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components.setdefault("responses", {}).update({f"Problem{status}": _response(status) for status in DESCRIPTIONS})
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                for status in _statuses(path, method):
                    reference = {"$ref": f"#/components/responses/Problem{status}"}
                    operation["responses"].setdefault(str(status), reference)
    return result


def _statuses(path: str, method: str) -> list[int]:
    statuses = [*EVERYWHERE]
    if "{" in path:
        statuses.append(404)
    if method in WRITING_METHODS:
        statuses += [409, 413, 415]
    return statuses


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    response: dict[str, Any] = {"description": DESCRIPTIONS[status], "content": {CONTENT_TYPE: {"schema": schema}}}
    return response | {"headers": RETRY_AFTER} if status in (429, 503) else response
