/**
 * GPT-2: its configuration, its weights by role, and a forward pass whose every point has a name.
 */
@NullMarked
package dev.headlamp.engine;

import org.jspecify.annotations.NullMarked;
