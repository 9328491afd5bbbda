//! A world from scenario, design and seed.
