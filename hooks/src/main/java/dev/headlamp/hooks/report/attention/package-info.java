/** Figures of attention patterns: a page to look through all heads, and pictures of them. */
@NullMarked
package dev.headlamp.hooks.report.attention;

import org.jspecify.annotations.NullMarked;
