/**
 * From the name of a model to a folder with its checkpoint: a local folder, the cache that Hugging
 * Face's Python libraries keep, or a download from the hub into that cache.
 *
 * <p>{@link dev.headlamp.weights.hub.ModelLocator} is the front door.
 */
@NullMarked
package dev.headlamp.weights.hub;

import org.jspecify.annotations.NullMarked;
