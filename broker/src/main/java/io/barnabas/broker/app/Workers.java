package io.barnabas.broker.app;

import io.barnabas.runtime.loop.EventLoop;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Threads for what must not hold up a connection's loop.
 *
 * @param disks      may wait for files: cold reads, searches, cuts
 * @param validation may take its time: large compressed batches
 * @param control    applies what the controller says, one message at a time; may wait for files
 * @param timers     deadlines of requests that wait; must not block
 * @param groups     coordinators of groups: loops of connections, since what is coordinated comes from there; must not block
 */
public record Workers(
        Executor disks, Executor validation, Executor control, EventLoop timers, List<? extends EventLoop> groups) {}
