/** What layers, width, tokens, prompts, heads and patches cost. */
@NullMarked
package dev.headlamp.bench.size;

import org.jspecify.annotations.NullMarked;
