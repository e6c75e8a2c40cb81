/**
 * Heads that continue what was said before (Olsson et al. 2022, "In-context Learning and Induction
 * Heads"): what the model loses without them, one by one and together.
 */
@NullMarked
package dev.headlamp.experiments.induction;

import org.jspecify.annotations.NullMarked;
