/**
 * What the heads and MLPs of a circuit do: copying, attention, signals, backups, adversarial
 * prompts.
 */
@NullMarked
package dev.headlamp.experiments.circuit.behaviour;

import org.jspecify.annotations.NullMarked;
