"""Whether this process runs in continuous integration: a table of what such services set.

Nobody is asked there, and an answer that a person gave elsewhere does not hold there. A test holds
the table against a list that others keep (PyPI: ci-info).
"""

from __future__ import annotations

import os

#: One of these is enough, unless its value says no.
_ANY = frozenset(
    (
        # What most services set, whatever they set besides.
        *("CI", "CI_NAME", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER"),
        # Azure Pipelines, GitHub, GitLab, Gitea, Bitbucket, Gerrit, Jenkins, Hudson, TeamCity.
        *("TF_BUILD", "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "GITHUB_ACTIONS", "GITLAB_CI"),
        *("GITEA_ACTIONS", "BITBUCKET_COMMIT", "BITBUCKET_BUILD_NUMBER", "GERRIT_PROJECT"),
        *("JENKINS_URL", "HUDSON_URL", "TEAMCITY_VERSION", "bamboo_planKey"),
        # AWS, Google, Cloudflare, Vercel, Netlify, Render, App Center, Expo, Xcode.
        *("CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_ARN", "BUILDER_OUTPUT", "CF_PAGES", "WORKERS_CI"),
        *("NOW_BUILDER", "VERCEL", "NETLIFY", "RENDER", "APPCENTER_BUILD_ID", "EAS_BUILD"),
        *("CI_XCODE_PROJECT", "XCS"),
        # All others.
        *("AC_APPCIRCLE", "AGOLA_GIT_REF", "APPVEYOR", "BITRISE_IO", "BUDDY_WORKSPACE_ID"),
        *("BUILDKITE", "CF_BUILD_ID", "CIRCLECI", "CIRRUS_CI", "CM_BUILD_ID", "DRONE", "DSARI"),
        *("EARTHLY_CI", "GO_PIPELINE_LABEL", "HARNESS_BUILD_ID", "LAYERCI", "MAGNUM", "NEVERCODE"),
        *("PROW_JOB_ID", "RELEASE_BUILD_ID", "SAILCI", "SCREWDRIVER", "SEMAPHORE", "STRIDER"),
        *("TRAVIS", "VELA"),
    )
)

#: All of a row together.
_TOGETHER = (("TASK_ID", "RUN_ID"),)

#: Values by which a variable says that it does not hold.
_NO = frozenset(("", "0", "false", "no", "off"))


def ci_variable() -> str | None:
    """Return the name of a variable that says "continuous integration", or None."""
    present = {_spelled(name): name for name in os.environ}
    for name in sorted(_spelled(name) for name in _ANY):
        if name in present and os.environ[present[name]].strip().lower() not in _NO:
            return present[name]
    for names in _TOGETHER:
        if all(name in present for name in names):
            return names[0]
    return None


def _spelled(name: str) -> str:
    # Windows has no case in names, and shows all of them in capitals.
    return name.upper() if os.name == "nt" else name
