/** What an enumeration tells: how often the model fails, and on whose names. */
@NullMarked
package dev.headlamp.experiments.enumeration.tables;

import org.jspecify.annotations.NullMarked;
