//! choba
