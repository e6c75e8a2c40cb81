/**
 * Paths between the parts of a model: path patching and edge patching. What does one part change by
 * way of another, and not by way of anything else?
 */
@NullMarked
package dev.headlamp.hooks.paths;

import org.jspecify.annotations.NullMarked;
