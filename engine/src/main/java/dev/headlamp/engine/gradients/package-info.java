/**
 * The backward pass: the gradient of a function of the logits at every point of a run (reverse-mode
 * differentiation, by hand).
 *
 * <p>The gradient at a point is with respect to the value that the run goes on with there, as if an
 * edit had added to it: the quantity that TransformerLens' backward hooks see. It has the point's
 * axes.
 */
@NullMarked
package dev.headlamp.engine.gradients;

import org.jspecify.annotations.NullMarked;
