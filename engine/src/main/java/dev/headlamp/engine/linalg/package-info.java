/** Linear algebra in float64: factored matrices and their decompositions. */
@NullMarked
package dev.headlamp.engine.linalg;

import org.jspecify.annotations.NullMarked;
