/**
 * The experiments of a research log that rebuilt the first findings on IOI: random names in three
 * forms, and the knock-out of every head by its mean over prompts of three names.
 */
@NullMarked
package dev.headlamp.experiments.ioi.log;

import org.jspecify.annotations.NullMarked;
