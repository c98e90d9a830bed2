/**
 * Puts the broker together. {@link io.barnabas.broker.app.BrokerCore} joins the rooms that need no socket, file or thread of their
 * own; {@link io.barnabas.broker.app.BrokerServer} is the real world around it: ZooKeeper, disks, sockets, threads, and the order in
 * which they start and stop. {@link io.barnabas.broker.app.BrokerMain} is the process.
 */
package io.barnabas.broker.app;
