/** JSON files that people write, read strictly. */
@NullMarked
package dev.headlamp.experiments.json;

import org.jspecify.annotations.NullMarked;
