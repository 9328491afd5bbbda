//! Strict reading and checking of the YAML files that people write.
