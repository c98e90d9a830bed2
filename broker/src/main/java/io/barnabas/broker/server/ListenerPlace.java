package io.barnabas.broker.server;

/**
 * Where a connection came in.
 *
 * @param listener   name, upper case
 * @param privileged whether brokers talk to each other there
 */
record ListenerPlace(String listener, boolean privileged) {}
