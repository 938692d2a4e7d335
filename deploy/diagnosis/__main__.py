"""`python -m deploy.diagnosis`: what is wrong with the stack of these settings.

For containers: `docker compose exec gateway python -m deploy.diagnosis`. The exit code is 1 if a
check failed. `ostinato doctor` shows the same for the embedded stack.
"""

import asyncio
import sys

from deploy.diagnosis.diagnosis import diagnose
from deploy.diagnosis.finding import Level
from shared.settings import CommonSettings


def main() -> int:
    """Print a line for each check."""
    findings = asyncio.run(diagnose(CommonSettings.load()))
    for name, finding in findings:
        sys.stdout.write(f"{finding.level:<8} {name:<11} {finding.text}\n")
    return int(any(finding.level is Level.FAILED for _, finding in findings))


if __name__ == "__main__":
    sys.exit(main())
