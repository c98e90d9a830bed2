package planted.barnabas.broker.api;

import io.netty.channel.Channel;
import org.apache.curator.framework.CuratorFramework;
import org.apache.kafka.common.TopicPartition;

/** Breaks: Netty's channels; ZooKeeper; Kafka's classes; its own name. */
public final class EverythingManager {
    Channel channel;
    CuratorFramework curator;
    TopicPartition partition;
}
