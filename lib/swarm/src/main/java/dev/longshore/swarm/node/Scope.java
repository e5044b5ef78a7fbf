package dev.longshore.swarm.node;

/** How much of a blob a claim on its download wants. */
public enum Scope {
  /** All of it. */
  WHOLE,

  /** The pieces that it names, and the others only if somebody else wants them. */
  RANGES
}
