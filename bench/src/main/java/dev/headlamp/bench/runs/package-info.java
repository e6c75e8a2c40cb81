/**
 * Runs of the model: plain, with a cache, with hook points compiled out, and one token at a time.
 */
@NullMarked
package dev.headlamp.bench.runs;

import org.jspecify.annotations.NullMarked;
