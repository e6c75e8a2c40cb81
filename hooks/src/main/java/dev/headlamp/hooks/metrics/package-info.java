/** Metrics of runs and of texts: distances, arithmetic, confidence, loss. */
@NullMarked
package dev.headlamp.hooks.metrics;

import org.jspecify.annotations.NullMarked;
