/** Checkpoint files to arrays and back: safetensors, shards, {@code config.json}. */
@NullMarked
package dev.headlamp.weights;

import org.jspecify.annotations.NullMarked;
