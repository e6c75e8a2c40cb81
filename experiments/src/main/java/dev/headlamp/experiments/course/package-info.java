/**
 * The chapter on indirect object identification of the ARENA course (1.4.1), from loading the model
 * to activation patching.
 */
@NullMarked
package dev.headlamp.experiments.course;

import org.jspecify.annotations.NullMarked;
