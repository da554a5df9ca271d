//! The captured requests of real SDKs, decoded to the last identifier.
