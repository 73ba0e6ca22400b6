//! Laid down first; filled in next.
