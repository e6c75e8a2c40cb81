/**
 * Several edits in one run: copies of prompts side by side in one batch, each with hooks of its
 * own, which may read what the other copies hold.
 */
@NullMarked
package dev.headlamp.hooks.worlds;

import org.jspecify.annotations.NullMarked;
