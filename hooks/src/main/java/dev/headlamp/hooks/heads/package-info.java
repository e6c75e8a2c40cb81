/**
 * Which heads look where: scores of known kinds of heads, and attention between chosen positions.
 */
@NullMarked
package dev.headlamp.hooks.heads;

import org.jspecify.annotations.NullMarked;
