//! The verbs, one a file: each checks who may, changes the state and tells the story in one transaction.
