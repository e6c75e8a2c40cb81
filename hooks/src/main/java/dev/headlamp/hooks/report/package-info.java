/** Results with named axes, the files they are kept in and the pictures they are shown as. */
@NullMarked
package dev.headlamp.hooks.report;

import org.jspecify.annotations.NullMarked;
