/**
 * One thread, one turn at a time. A machine that is only touched from its {@link io.barnabas.runtime.loop.EventLoop} needs no lock;
 * {@link io.barnabas.runtime.loop.EventLoops} starts real ones. What runs on a loop must not block it.
 */
package io.barnabas.runtime.loop;
