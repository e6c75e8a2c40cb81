/** Activation patching sweeps against the same sweeps done one full run for each patch. */
@NullMarked
package dev.headlamp.bench.sweeps;

import org.jspecify.annotations.NullMarked;
