//! polars frames in and out.
