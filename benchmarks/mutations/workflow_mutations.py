"""The workflow: lanes, guards, permissions, derived states."""

from __future__ import annotations

from benchmarks.mutations.mutation import Mutation

WORKFLOW_MUTATIONS = (
    Mutation(
        name="workflow/owner-approves",
        file="tracking/requests/workflow/required_approvals.py",
        old="if user.pk in (request.author_id, request.owner_id):",
        new="if user.pk == request.author_id:",
        why="the owner of a request could approve it",
        tests=(
            "tests/requests/workflow/test_four_eyes.py",
            "tests/requests/workflow/test_own_approval.py",
        ),
    ),
    Mutation(
        name="workflow/one-lenient-team-is-enough",
        file="tracking/requests/workflow/required_approvals.py",
        old="    for change in changes:\n        team, tier = ",
        new="    for change in changes[:1]:\n        team, tier = ",
        why="the policy of one team would allow own approval for the event of another",
        tests=(
            "tests/requests/workflow/test_two_teams.py",
            "tests/requests/workflow/test_four_eyes.py",
        ),
    ),
    Mutation(
        name="workflow/any-team-s-policy",
        file="tracking/requests/workflow/required_approvals.py",
        old="return request.author.memberships.filter(team=request.team_id).exists()",
        new="return True",
        why="an author could choose the team whose policy is lenient",
        tests=(
            "tests/requests/workflow/test_four_eyes.py",
            "tests/requests/workflow/test_own_approval.py",
        ),
    ),
    Mutation(
        name="workflow/share-must-be-passed",
        file="tracking/requests/workflow/guards/production_proof.py",
        old="if observed.recent.conforming_share < settings.PROOF_CONFORMING_SHARE:",
        new="if observed.recent.conforming_share <= settings.PROOF_CONFORMING_SHARE:",
        why="exactly 95 % would not do",
        tests=(
            "tests/requests/workflow/test_production_proof.py",
            "tests/requests/evidence/test_evidence_limits.py",
        ),
    ),
    Mutation(
        name="workflow/nothing-left-is-live",
        file="tracking/requests/workflow/state/derived_state.py",
        old="return RequestState.WITHDRAWN if delivery_states else RequestState.LIVE",
        new="return RequestState.LIVE",
        why="a request whose deliveries are all dropped would be live",
        tests=(
            "tests/requests/workflow/test_transitions.py",
            "tests/requests/workflow/test_closing.py",
        ),
    ),
    Mutation(
        name="workflow/replaced-never-reopens",
        file="tracking/requests/workflow/state/derived_state.py",
        old="return newer is None or newer.state != DeliveryState.LIVE",
        new="return newer is None",
        why="a replaced request would stay withdrawn when the newer version is taken back",
        tests=("tests/requests/workflow/test_supersession.py",),
    ),
    Mutation(
        name="workflow/developer-verifies",
        file="tracking/requests/workflow/steps/transitions.py",
        old='guards=("not_developer", "sufficient_staging_evidence"),',
        new='guards=("sufficient_staging_evidence",),',
        why="whoever delivered could sign for it",
        tests=("tests/requests/workflow/test_four_eyes.py",),
    ),
    Mutation(
        name="workflow/author-pulls-the-ground-away",
        file="tracking/requests/workflow/steps/transitions.py",
        old=(
            '"Take back to draft",\n        "return_to_draft",\n'
            '        guards=("no_tested_delivery", "no_dependent_version"),'
        ),
        new='"Take back to draft",\n        "return_to_draft",\n        guards=("no_tested_delivery",),',
        why="an author could take back what another version builds on",
        tests=(
            "tests/requests/workflow/test_reversal.py",
            "tests/requests/workflow/test_transitions.py",
        ),
    ),
    Mutation(
        name="workflow/first-team-decides",
        file="tracking/requests/workflow/steps/step_permissions.py",
        old="return [change.event or context.request for change in changes] or [context.request]",
        new="return [change.event or context.request for change in changes[:1]] or [context.request]",
        why="the analyst of one team would decide on the event of another",
        tests=(
            "tests/requests/workflow/test_four_eyes.py",
            "tests/requests/test_factories.py",
            "tests/requests/workflow/test_two_teams.py",
        ),
    ),
    Mutation(
        name="workflow/words-reach-new-sources",
        file="tracking/requests/workflow/lanes.py",
        old="return {source.pk for source in change.sources.all()} <= base_source_ids",
        new="return True",
        why="adding a source would pass as mere words",
        tests=("tests/requests/workflow/test_lanes.py",),
    ),
    Mutation(
        name="workflow/new-source-needs-no-build",
        file="tracking/requests/workflow/delivery_planning.py",
        old=("if not change.base.for_sources.filter(source=source).exists():\n        return True"),
        new=("if not change.base.for_sources.filter(source=source).exists():\n        return False"),
        why="nobody would be asked to build the event on a new source",
        tests=(
            "tests/requests/authoring/test_draft_editing.py",
            "tests/requests/workflow/test_lanes.py",
            "tests/requests/workflow/test_published_words.py",
        ),
    ),
    Mutation(
        name="workflow/own-name-is-taken",
        file="tracking/requests/workflow/guards/requested_changes.py",
        old="if event_ids_by_name.get((call, name_hash(change.name)), change.event_id) == change.event_id:",
        new="if (call, name_hash(change.name)) not in event_ids_by_name:",
        why="no event could ever be updated under its own name",
        tests=("tests/requests/workflow/test_submission_guards.py",),
    ),
    Mutation(
        name="workflow/live-can-be-pulled-away",
        file="tracking/requests/workflow/guards/reversal.py",
        old="if delivery.state in (DeliveryState.TESTED, DeliveryState.LIVE)",
        new="if delivery.state == DeliveryState.TESTED",
        why="a request could become a draft while one of its deliveries is live",
        tests=(
            "tests/requests/workflow/test_closing.py",
            "tests/requests/workflow/test_transitions.py",
        ),
    ),
)
