//! `ledgerboard serve` and `ledgerboard worker`.
