"""Puts the front together, from the settings."""

from django.conf import settings

from database.database_watch import DatabaseWatch
from front.application import FrontApplication
from front.body_budget import BodyBudget
from front.body_reader import BodyLimits
from front.client_address import TrustedProxies
from front.pages_endpoint import PagesEndpoint, PageSettings
from front.wsgi_call import WSGIApplication
from runtime.supervision.loop_pulse import LoopPulse
from tracking.traffic.collect.collector_endpoint import CollectorEndpoint, CollectorSettings
from tracking.traffic.collect.probe_endpoint import ProbeEndpoint


def build_front(pages: WSGIApplication) -> FrontApplication:
    """Return the application that answers everything; `pages` is Django's handler. Starts nothing yet."""
    watch = DatabaseWatch()
    idle = settings.BODY_IDLE_SECONDS
    page_limits = BodyLimits(settings.PAGE_MAX_BODY_BYTES, idle, settings.PAGE_BODY_SECONDS)
    collector_limits = BodyLimits(settings.COLLECT_MAX_BODY_BYTES, idle, settings.COLLECT_BODY_SECONDS)
    page_budget = BodyBudget(settings.PAGE_BODIES_BYTES)
    collector = CollectorEndpoint(
        CollectorSettings(
            threads=settings.COLLECT_THREADS,
            writer_threads=settings.COLLECT_WRITER_THREADS,
            max_waiting=settings.COLLECT_MAX_WAITING,
            wait_seconds=settings.COLLECT_WAIT_SECONDS,
            answer_seconds=settings.COLLECT_ANSWER_SECONDS,
            database_seconds=settings.COLLECT_DATABASE_SECONDS,
        ),
        collector_limits,
        BodyBudget(settings.COLLECT_BODIES_BYTES),
        watch,
    )
    pages_endpoint = PagesEndpoint(
        pages,
        PageSettings(
            threads=settings.PAGE_THREADS,
            max_waiting=settings.PAGE_MAX_WAITING,
            wait_seconds=settings.PAGE_WAIT_SECONDS,
            answer_seconds=settings.PAGE_ANSWER_SECONDS,
            database_seconds=settings.PAGE_DATABASE_SECONDS,
            paths_without_database=settings.PAGE_PATHS_WITHOUT_DATABASE,
        ),
        page_limits,
        page_budget,
        watch,
        TrustedProxies.parse(settings.TRUSTED_PROXIES),
    )
    return FrontApplication(
        [collector, ProbeEndpoint(page_limits, page_budget), pages_endpoint],
        unsent_seconds=settings.UNSENT_SECONDS,
        start_pulse=LoopPulse.start,
    )
