"""What the refusals of Binance.US mean. A table alone: where a refusal stands in an answer the dialect says."""

from __future__ import annotations

from pathlib import Path

from unified_binance_dialect.faults import Faults

FAULTS = Faults(Path(__file__).with_name("errors.csv"))
