/** Whether a circuit is the whole of what does the task: faithfulness, completeness, minimality. */
@NullMarked
package dev.headlamp.experiments.circuit.validation;

import org.jspecify.annotations.NullMarked;
