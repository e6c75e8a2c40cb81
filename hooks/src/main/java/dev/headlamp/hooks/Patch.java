package dev.headlamp.hooks;

import dev.headlamp.engine.HookPoint;

/** One patch of a sweep: a part of a point. */
record Patch(HookPoint point, Part part) {}
