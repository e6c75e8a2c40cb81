/** Checks of a loaded model: against figures that others published of it, and against itself. */
@NullMarked
package dev.headlamp.experiments.verify;

import org.jspecify.annotations.NullMarked;
