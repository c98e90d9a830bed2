/**
 * The command line: each command takes the options, prints the columns and gives the exit codes of Kafka's script of that
 * purpose, and answers in JSON when asked. Results go to standard output, everything else to standard error. The commands are
 * clients like any other, so they work against every broker that speaks Kafka; {@code dump-log} alone reads files.
 * Begin at {@link io.barnabas.tools.BarnabasTool} and {@link io.barnabas.tools.ToolCommand}. Brokers are not started here.
 */
package io.barnabas.tools;
