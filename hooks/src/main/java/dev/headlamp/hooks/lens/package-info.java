/**
 * The residual stream of a cached run: what it held at each layer, which parts it is the sum of,
 * and what the unembedding makes of it and of them.
 */
@NullMarked
package dev.headlamp.hooks.lens;

import org.jspecify.annotations.NullMarked;
