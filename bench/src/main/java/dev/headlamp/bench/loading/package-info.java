/** Loading a checkpoint: time and memory. */
@NullMarked
package dev.headlamp.bench.loading;

import org.jspecify.annotations.NullMarked;
