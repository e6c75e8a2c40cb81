/** Text to token ids and back. */
@NullMarked
package dev.headlamp.tokenizer;

import org.jspecify.annotations.NullMarked;
