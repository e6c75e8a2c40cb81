/** How well a model does the IOI task. */
@NullMarked
package dev.headlamp.experiments.ioi.scores;

import org.jspecify.annotations.NullMarked;
