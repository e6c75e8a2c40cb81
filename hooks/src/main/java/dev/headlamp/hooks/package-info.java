/** What one does with the points of a run: hooks, caches, interventions and patching. */
@NullMarked
package dev.headlamp.hooks;

import org.jspecify.annotations.NullMarked;
