/**
 * The circuit of "Interpretability in the Wild" (Wang et al. 2022, arXiv 2211.00593): circuits as
 * data, how they are found, and runs of a model with everything outside one ablated.
 */
@NullMarked
package dev.headlamp.experiments.circuit;

import org.jspecify.annotations.NullMarked;
