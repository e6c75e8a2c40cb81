/**
 * Every IOI prompt there is: 15 templates, 8 places, 8 objects, each ordered pair of 99 names. The
 * prompts, their scoring, and the file that holds one logit difference for each.
 */
@NullMarked
package dev.headlamp.experiments.enumeration;

import org.jspecify.annotations.NullMarked;
