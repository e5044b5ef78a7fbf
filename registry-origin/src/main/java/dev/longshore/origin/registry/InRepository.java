package dev.longshore.origin.registry;

/** A digest or tag as one repository has it: rights follow the repository, so caches do too. */
record InRepository<T>(String repository, T name) {}
