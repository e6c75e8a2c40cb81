/** Matrix products by every route there is, and the reference rate that all else is measured by. */
@NullMarked
package dev.headlamp.bench.products;

import org.jspecify.annotations.NullMarked;
