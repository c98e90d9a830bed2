/**
 * Time, handed in. {@link io.barnabas.runtime.time.Clock} tells it, {@link io.barnabas.runtime.time.Deadline} compares it,
 * {@link io.barnabas.runtime.time.TimerWheel} remembers what is due. No other room asks the system for the time or sleeps.
 */
package io.barnabas.runtime.time;
