/** The published experiments on Headlamp's toolkit, and the command line. */
@NullMarked
package dev.headlamp.experiments;

import org.jspecify.annotations.NullMarked;
