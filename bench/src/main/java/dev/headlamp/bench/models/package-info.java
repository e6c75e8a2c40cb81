/** Models and checkpoints of generated weights, so that nothing has to be downloaded. */
@NullMarked
package dev.headlamp.bench.models;

import org.jspecify.annotations.NullMarked;
