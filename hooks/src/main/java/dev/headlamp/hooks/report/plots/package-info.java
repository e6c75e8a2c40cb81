/** Histograms, lines and scatters, on a page and as PNG. */
@NullMarked
package dev.headlamp.hooks.report.plots;

import org.jspecify.annotations.NullMarked;
