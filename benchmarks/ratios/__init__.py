"""The product beside the raw limit: the same work by hand-written SQL, in the same run.

Importing it puts the repository on the path, so that `python benchmarks/run.py` works from
anywhere.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
