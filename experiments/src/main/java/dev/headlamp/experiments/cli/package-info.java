/** The command line: one class for each subcommand, and the options that they share. */
@NullMarked
package dev.headlamp.experiments.cli;

import org.jspecify.annotations.NullMarked;
