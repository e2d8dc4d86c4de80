"""`python -m tests.quality`: P(inside) against draws, and the judge on a world of known truth."""

from __future__ import annotations

import argparse
import json
import sys
import time

from data.model.judging import Policy
from tests.quality import chance, report
from tests.quality.score import Aim, aims, growing, judged, score
from tests.quality.world import lives


def main() -> int:
    """Prints everything; 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 for a quick look")
    parser.add_argument("--policy", default="{}", help="JSON of thresholds to try")
    parser.add_argument("--no-draws", action="store_true", help="leave P(inside) out")
    given = parser.parse_args()
    kept = True
    if not given.no_draws:
        kept = chance.report(given.seed, n=max(15, round(120 * given.scale)))
        print()
    began = time.perf_counter()
    everybody = lives(given.seed, given.scale)
    fixes = sum(len(life.records) for life in everybody)
    days = sum(life.days for life in everybody)
    print(
        f"The judge on {len(everybody)} people, {days:.0f} days, {fixes:,} fixes, "
        f"{sum(len(life.visits) for life in everybody):,} true visits (seed {given.seed}; "
        f"drawn in {time.perf_counter() - began:.0f} s)"
    )
    began = time.perf_counter()
    policy = Policy.from_json(json.loads(given.policy))
    breaches = judged(everybody, policy)
    took = time.perf_counter() - began
    print(f"  judged in {took:.1f} s: {fixes / took:,.0f} fixes/s, one core, compiling included")
    scored = score(everybody, breaches)
    report.recall(scored)
    report.false_alerts(everybody, scored)
    report.delays(scored)
    lost, alerts = growing(everybody, policy)
    found = [
        *aims(everybody, scored),
        Aim("a larger buffer removes no alert", f"{lost} of {alerts:,} lost", lost == 0),
    ]
    report.promises(found)
    return 0 if kept and all(aim.kept for aim in found) else 1


if __name__ == "__main__":
    sys.exit(main())
