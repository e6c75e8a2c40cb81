/** How a model's embeddings lie in space, and what they say without the model between them. */
@NullMarked
package dev.headlamp.experiments.embeddings;

import org.jspecify.annotations.NullMarked;
