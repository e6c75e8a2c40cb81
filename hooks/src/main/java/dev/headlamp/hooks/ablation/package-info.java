/** Ablation: parts of a model switched off or put at a mean, and tables of what that changes. */
@NullMarked
package dev.headlamp.hooks.ablation;

import org.jspecify.annotations.NullMarked;
