//! `ledgerboard demo`: everything on embedded defaults.
