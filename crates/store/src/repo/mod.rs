//! The statements, a file a noun. Records stand beside the statements that read them.
