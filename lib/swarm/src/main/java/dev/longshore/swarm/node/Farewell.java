package dev.longshore.swarm.node;

import dev.longshore.swarm.wire.GoodbyeReason;

/** Why a connection has to end. */
record Farewell(GoodbyeReason reason, String detail) {}
