/** Everything that the IOI paper asks of a circuit, put together as one report. */
@NullMarked
package dev.headlamp.experiments.circuit.study;

import org.jspecify.annotations.NullMarked;
