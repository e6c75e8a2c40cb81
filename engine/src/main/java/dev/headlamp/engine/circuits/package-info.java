/**
 * Weights as the field reads them: what a head moves and where it looks, how heads feed each other,
 * and which tokens a direction of the residual stream stands for. Everything here is a function of
 * the weights alone; how they were processed matters, and {@link
 * dev.headlamp.engine.Gpt2#processing} tells.
 */
@NullMarked
package dev.headlamp.engine.circuits;

import org.jspecify.annotations.NullMarked;
