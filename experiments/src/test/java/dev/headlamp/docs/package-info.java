/** Whether the documents say what is so. */
@NullMarked
package dev.headlamp.docs;

import org.jspecify.annotations.NullMarked;
