/** Prompts that share prefixes. */
@NullMarked
package dev.headlamp.bench.prefixes;

import org.jspecify.annotations.NullMarked;
