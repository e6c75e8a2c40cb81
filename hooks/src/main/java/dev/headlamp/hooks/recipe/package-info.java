/** Interventions as data: written to a file, read again, and run to the same numbers. */
@NullMarked
package dev.headlamp.hooks.recipe;

import org.jspecify.annotations.NullMarked;
