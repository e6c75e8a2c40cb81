/**
 * What {@code ./headlamp bench} measures. Models are generated, so that nothing has to be
 * downloaded. Each topic has a package of its own: JMH benchmarks, and a class that runs them in
 * forks and makes rows of the table of what they say.
 */
@NullMarked
package dev.headlamp.bench;

import org.jspecify.annotations.NullMarked;
