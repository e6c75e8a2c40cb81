/**
 * Indirect object identification: the task of "Interpretability in the Wild" (Wang et al. 2022,
 * arXiv 2211.00593).
 */
@NullMarked
package dev.headlamp.experiments.ioi;

import org.jspecify.annotations.NullMarked;
