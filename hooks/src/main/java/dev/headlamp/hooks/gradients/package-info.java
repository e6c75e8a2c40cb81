/**
 * What one does with the gradients of a metric: caches of them, attribution patching, and
 * integrated gradients.
 */
@NullMarked
package dev.headlamp.hooks.gradients;

import org.jspecify.annotations.NullMarked;
