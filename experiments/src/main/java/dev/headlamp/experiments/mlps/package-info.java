/** What a model can do without its MLPs, one by one and together. */
@NullMarked
package dev.headlamp.experiments.mlps;

import org.jspecify.annotations.NullMarked;
