/** Figures of a prompt token by token: coloured text, and the table of a logit lens. */
@NullMarked
package dev.headlamp.hooks.report.tokens;

import org.jspecify.annotations.NullMarked;
