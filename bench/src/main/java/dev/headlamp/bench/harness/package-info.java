/**
 * How benchmarks are run, and what becomes of their results: forks, rows of the table, the machine.
 */
@NullMarked
package dev.headlamp.bench.harness;

import org.jspecify.annotations.NullMarked;
