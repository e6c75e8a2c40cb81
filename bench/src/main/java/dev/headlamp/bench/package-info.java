/** JMH benchmarks on models of generated weights, so that nothing has to be downloaded. */
@NullMarked
package dev.headlamp.bench;

import org.jspecify.annotations.NullMarked;
