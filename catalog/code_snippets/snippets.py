"""How to send an event, ready to paste, for each language that has an SDK."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog.choices import Call, Platform, VersionFrom, VersionOrder
from catalog.code_snippets.literals import (
    JAVASCRIPT,
    PYTHON,
    SWIFT,
    javascript_string,
    json_body,
    kotlin_object,
    kotlin_string,
    python_string,
    shell_word,
    swift_string,
)
from catalog.contract import example_payload
from catalog.contract.json.pointers import parse_pointer
from catalog.models import Source

DEFAULT_HOST = "https://signalbook.example.com"
EXAMPLE_USER_ID = "user-1"
EXAMPLE_GROUP_ID = "group-1"
EXAMPLE_NEW_USER_ID = "user-2"
PLACEHOLDER_VERSIONS = {VersionOrder.SEMVER: "1.0.0", VersionOrder.BUILD: "100", VersionOrder.DATE: "2030-01-31"}
"""The placeholder for an unknown app version, valid in the source's version order."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code in one language. `slug` names it in addresses and tabs, `language` is its label.

    Without `has_example` the call carries no values: none that pass the definition were found.
    """

    slug: str
    language: str
    code: str
    has_example: bool = True


@dataclass(frozen=True, slots=True)
class SnippetInput:
    """The content of a snippet: the call, the name, the payload, and where it goes.

    `context` holds the app version where the source looks for it there; SDKs of phones fill theirs by themselves.
    """

    call: Call
    name: str
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    key: str
    host: str

    @property
    def is_named(self) -> bool:
        """Whether the name is more than the call's own."""
        return self.name != self.call

    @property
    def host_and_port(self) -> str:
        return urlsplit(self.host).netloc

    @property
    def is_plain_http(self) -> bool:
        """Whether the host is reached without TLS, which some SDKs must be configured for and others do not support."""
        return urlsplit(self.host).scheme == "http"

    def payload(self) -> dict[str, Any]:
        """The body of a call as it goes over the wire, in the names of the wire."""
        return self._call_payload() | ({"context": self.context} if self.context else {})

    def _call_payload(self) -> dict[str, Any]:
        match self.call:
            case Call.TRACK:
                return {"userId": EXAMPLE_USER_ID, "event": self.name, "properties": self.properties}
            case Call.PAGE | Call.SCREEN:
                named = {"name": self.name} if self.is_named else {}
                return {"userId": EXAMPLE_USER_ID, **named, "properties": self.properties}
            case Call.GROUP:
                return {"userId": EXAMPLE_USER_ID, "groupId": EXAMPLE_GROUP_ID, "traits": self.traits}
            case Call.ALIAS:
                return {"userId": EXAMPLE_NEW_USER_ID, "previousId": EXAMPLE_USER_ID}
            case _:
                return {"userId": EXAMPLE_USER_ID, "traits": self.traits}


def generate_snippets(
    definition: dict[str, Any],
    source: Source | None = None,
    key: str = "",
    *,
    host: str = DEFAULT_HOST,
    app_version: str = "",
    payload: dict[str, Any] | None = None,
) -> list[Snippet]:
    """Return the code that sends a definition's example, the language of the source's platform first.

    `key` is the write key to show, `host` the address that apps send to, with its scheme, `app_version` the one that
    the event shall come from (a placeholder, where it is not known), `payload` the example where it is known already. A
    language whose SDK has no such call is left out.
    """
    if payload is None:
        payload = example_payload(definition, source=source.slug if source else None)
    sending = SnippetInput(
        call=Call(definition.get("call", Call.TRACK)),
        name=str(definition["name"]),
        properties=payload.get("properties") or {},
        traits=payload.get("traits") or {},
        context=_app_version_context(source, app_version) if source else {},
        key=key,
        host=host.rstrip("/"),
    )
    generated = [
        (platform, Snippet(slug, language, code, has_example=bool(payload)))
        for slug, language, platform, generate in LANGUAGES
        if (code := generate(sending)) is not None
    ]
    first = source.platform if source else None
    return [snippet for platform, snippet in sorted(generated, key=lambda each: each[0] != first)]


def _app_version_context(source: Source, app_version: str) -> dict[str, Any]:
    """Return the context that carries an app version to where a source looks for it; {} where that is elsewhere.

    Without it no event from pasted code could reach the app version that a delivery counts from.
    """
    path = parse_pointer(source.version_path)
    if source.version_from != VersionFrom.PAYLOAD or len(path) < 2 or path[0] != "context":
        return {}
    nested: Any = app_version or PLACEHOLDER_VERSIONS[VersionOrder(source.version_order)]
    for step in reversed(path[1:]):
        nested = {step: nested}
    return dict(nested)


def _web(sending: SnippetInput) -> str:
    key, host = javascript_string(sending.key), javascript_string(f"{sending.host_and_port}/v1")
    # Without the member the SDK sends to https, and what fails there fails out of sight.
    protocol = ', protocol: "http"' if sending.is_plain_http else ""
    return f"""import {{ AnalyticsBrowser }} from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load({{
  writeKey: {key},
  cdnSettings: {{
    integrations: {{ "Segment.io": {{ apiKey: {key}, apiHost: {host}{protocol} }} }},
  }},
}})

{_web_call(sending)}"""


def _web_call(sending: SnippetInput) -> str:
    name = javascript_string(sending.name)
    properties, traits = JAVASCRIPT.literal(sending.properties), JAVASCRIPT.literal(sending.traits)
    options = f", {JAVASCRIPT.literal({'context': sending.context})}" if sending.context else ""
    match sending.call:
        case Call.PAGE | Call.SCREEN:
            arguments = f"{name}, {properties}" if sending.is_named else properties
            return f"analytics.{sending.call}({arguments}{options})"
        case Call.IDENTIFY:
            return f"analytics.identify({javascript_string(EXAMPLE_USER_ID)}, {traits}{options})"
        case Call.GROUP:
            return f"analytics.group({javascript_string(EXAMPLE_GROUP_ID)}, {traits}{options})"
        case Call.ALIAS:
            new, old = javascript_string(EXAMPLE_NEW_USER_ID), javascript_string(EXAMPLE_USER_ID)
            return f"analytics.alias({new}, {old}{options})"
        case _:
            return f"analytics.track({name}, {properties}{options})"


def _node(sending: SnippetInput) -> str:
    return f"""import {{ Analytics }} from "@segment/analytics-node"

const analytics = new Analytics({{
  writeKey: {javascript_string(sending.key)},
  host: {javascript_string(sending.host)},
}})

analytics.{sending.call}({JAVASCRIPT.literal(sending.payload())})"""


def _python(sending: SnippetInput) -> str:
    return f"""import segment.analytics as analytics

analytics.write_key = {python_string(sending.key)}
analytics.host = {python_string(sending.host)}

{_python_call(sending)}"""


def _python_call(sending: SnippetInput) -> str:
    name, user = python_string(sending.name), python_string(EXAMPLE_USER_ID)
    properties, traits = PYTHON.literal(sending.properties), PYTHON.literal(sending.traits)
    context = f", context={PYTHON.literal(sending.context)}" if sending.context else ""
    match sending.call:
        case Call.PAGE | Call.SCREEN:
            named = f"name={name}, " if sending.is_named else ""
            return f"analytics.{sending.call}({user}, {named}properties={properties}{context})"
        case Call.IDENTIFY:
            return f"analytics.identify({user}, {traits}{context})"
        case Call.GROUP:
            return f"analytics.group({user}, {python_string(EXAMPLE_GROUP_ID)}, {traits}{context})"
        case Call.ALIAS:
            return f"analytics.alias({user}, {python_string(EXAMPLE_NEW_USER_ID)}{context})"
        case _:
            return f"analytics.track({user}, {name}, {properties}{context})"


def _https_only_comment(sending: SnippetInput) -> str:
    """Return the comment of SDKs that put https before whatever host they are given; "" where that fits."""
    return "// This SDK sends over https only: put TLS in front of the host.\n" if sending.is_plain_http else ""


def _swift(sending: SnippetInput) -> str | None:
    call = _swift_call(sending)
    if call is None:
        return None
    return f"""import Segment

{_https_only_comment(sending)}let configuration = Configuration(writeKey: {swift_string(sending.key)})
  .apiHost({swift_string(f"{sending.host_and_port}/v1")})
let analytics = Analytics(configuration: configuration)

{call}"""


def _swift_call(sending: SnippetInput) -> str | None:
    name = swift_string(sending.name)
    properties, traits = SWIFT.literal(sending.properties), SWIFT.literal(sending.traits)
    match sending.call:
        case Call.TRACK:
            return f"analytics.track(name: {name}, properties: {properties})"
        case Call.SCREEN:
            return f"analytics.screen(title: {name}, properties: {properties})"
        case Call.IDENTIFY:
            return f"analytics.identify(userId: {swift_string(EXAMPLE_USER_ID)}, traits: {traits})"
        case Call.GROUP:
            return f"analytics.group(groupId: {swift_string(EXAMPLE_GROUP_ID)}, traits: {traits})"
        case Call.ALIAS:
            return f"analytics.alias(newId: {swift_string(EXAMPLE_NEW_USER_ID)})"
        case _:
            return None


def _kotlin(sending: SnippetInput) -> str | None:
    call = _kotlin_call(sending)
    if call is None:
        return None
    return f"""import com.segment.analytics.kotlin.android.Analytics
import kotlinx.serialization.json.*

{_https_only_comment(sending)}val analytics = Analytics({kotlin_string(sending.key)}, applicationContext) {{
  apiHost = {kotlin_string(f"{sending.host_and_port}/v1")}
}}

{call}"""


def _kotlin_call(sending: SnippetInput) -> str | None:
    name = kotlin_string(sending.name)
    properties, traits = kotlin_object(sending.properties), kotlin_object(sending.traits)
    match sending.call:
        case Call.TRACK:
            return f"analytics.track({name}, {properties})"
        case Call.SCREEN:
            return f"analytics.screen({name}, {properties})"
        case Call.IDENTIFY:
            return f"analytics.identify({kotlin_string(EXAMPLE_USER_ID)}, {traits})"
        case Call.GROUP:
            return f"analytics.group({kotlin_string(EXAMPLE_GROUP_ID)}, {traits})"
        case Call.ALIAS:
            return f"analytics.alias({kotlin_string(EXAMPLE_NEW_USER_ID)})"
        case _:
            return None


def _curl(sending: SnippetInput) -> str:
    return f"""curl {shell_word(f"{sending.host}/v1/{sending.call}")} \\
  --user {shell_word(f"{sending.key}:")} \\
  --header 'Content-Type: application/json' \\
  --data {shell_word(json_body(sending.payload()))}"""


LANGUAGES: tuple[tuple[str, str, Platform, Callable[[SnippetInput], str | None]], ...] = (
    ("web", "Web (JavaScript)", Platform.WEB, _web),
    ("swift", "iOS (Swift)", Platform.IOS, _swift),
    ("kotlin", "Android (Kotlin)", Platform.ANDROID, _kotlin),
    ("node", "Node", Platform.SERVER, _node),
    ("python", "Python", Platform.SERVER, _python),
    ("curl", "curl", Platform.OTHER, _curl),
)
