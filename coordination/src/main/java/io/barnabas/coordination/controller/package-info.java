/**
 * Decides who leads what, where topics live and what is deleted. Nothing in this package acts: it starts no thread, reads
 * no clock and talks to nobody. Begin at {@link io.barnabas.coordination.controller.ControllerMachine}. Its effects are carried
 * out by {@code io.barnabas.coordination.ControllerLoop}.
 */
package io.barnabas.coordination.controller;
