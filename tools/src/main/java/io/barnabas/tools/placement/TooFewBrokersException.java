package io.barnabas.tools.placement;

import org.apache.kafka.common.TopicPartition;

/** A partition has more replicas than there are brokers to hold them. */
public final class TooFewBrokersException extends RuntimeException {
    public TooFewBrokersException(TopicPartition partition, int replicas, int brokers) {
        super(partition + " has " + replicas + (replicas == 1 ? " replica" : " replicas") + ", and only " + brokers
                + (brokers == 1 ? " broker remains" : " brokers remain"));
    }
}
