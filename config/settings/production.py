"""A real installation: every secret and address comes from the environment, and none has a default."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403  settings are the one place where Django expects this
from config.settings.base import TRUSTED_PROXIES, env

SECRET_KEY = env.str("SECRET_KEY", "")
if len(SECRET_KEY) < 40 or SECRET_KEY.startswith("django-insecure"):
    raise ImproperlyConfigured(
        "SECRET_KEY is missing or too short. Set it to at least 40 random characters, "
        "for example: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    )
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Set it to the host names that people use, comma separated.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
# Browsers' preload lists take whole domains, which is not for one application of a company to decide.
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if env.bool("BEHIND_TLS_PROXY", False) and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "BEHIND_TLS_PROXY is on, and TRUSTED_PROXIES does not say who the proxy is: anybody could claim to come "
        "over TLS, or from another address. Set it to the proxy's addresses or networks: 10.0.0.5."
    )
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# With this prefix a browser takes a cookie from this very host alone, for all of its paths, and over TLS: no other host
# of the domain can plant one. `make run`, which has no TLS, uses Django's plain names.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
MESSAGE_STORAGE = "pages.message_storage.HostMessageStorage"
