/**
 * The logit lens (nostalgebraist 2020, "interpreting GPT: the logit lens"), and the same with the
 * final block run on each state before it is read.
 */
@NullMarked
package dev.headlamp.experiments.lens;

import org.jspecify.annotations.NullMarked;
