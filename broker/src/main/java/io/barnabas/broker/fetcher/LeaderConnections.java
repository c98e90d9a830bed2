package io.barnabas.broker.fetcher;

import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.EventLoop;

/** Port: ways to the brokers that lead what is followed here. */
public interface LeaderConnections {
    /**
     * A connection of its own; it connects with the first request, and again with the first after it was lost.
     *
     * @param loop where all answers come, and from where it is used
     */
    LeaderConnection to(BrokerId leader, EventLoop loop);
}
