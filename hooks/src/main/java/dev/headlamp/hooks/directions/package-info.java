/**
 * Reading a point with a linear map, and editing what it reads: the directions of a probe, the
 * features of a sparse autoencoder.
 */
@NullMarked
package dev.headlamp.hooks.directions;

import org.jspecify.annotations.NullMarked;
