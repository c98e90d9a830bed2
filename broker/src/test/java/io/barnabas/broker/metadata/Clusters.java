package io.barnabas.broker.metadata;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Builds pictures of clusters for tests. */
public final class Clusters {
    private final Map<BrokerId, ClusterView.Broker> brokers = new HashMap<>();
    private final Map<String, ClusterView.Topic> topics = new HashMap<>();
    private DynamicConfigs configs = DynamicConfigs.NONE;

    /** A live broker with a listener of each name; its port is 9000 + id. */
    public Clusters broker(int id, String... listeners) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String listener : listeners) {
            endpoints.add(new Endpoint(listener, "PLAINTEXT", "host" + id, 9000 + id));
        }
        brokers.put(new BrokerId(id), new ClusterView.Broker(new BrokerId(id), 100 + id, endpoints, "rack" + id));
        return this;
    }

    /** A topic whose partitions all have these replicas; the first leads, in epoch 3. */
    public Clusters topic(String name, int partitions, Integer... replicas) {
        return topic(name, idOf(name), partitions, replicas);
    }

    /** As {@link #topic(String, int, Integer...)}, for one that may have been made anew under its old name. */
    public Clusters topic(String name, UUID id, int partitions, Integer... replicas) {
        List<BrokerId> ids = List.of(replicas).stream().map(BrokerId::new).toList();
        List<ClusterView.Partition> all = new ArrayList<>();
        for (int number = 0; number < partitions; number++) {
            all.add(new ClusterView.Partition(
                    number, ids, List.of(), List.of(), new LeaderAndIsr(ids.get(0), 3, ids, 7)));
        }
        topics.put(name, new ClusterView.Topic(name, id, all));
        return this;
    }

    /** A topic of one partition that nobody leads. */
    public Clusters leaderless(String name, Integer... replicas) {
        List<BrokerId> ids = List.of(replicas).stream().map(BrokerId::new).toList();
        topics.put(
                name,
                new ClusterView.Topic(
                        name,
                        idOf(name),
                        List.of(new ClusterView.Partition(
                                0,
                                ids,
                                List.of(),
                                List.of(),
                                new LeaderAndIsr(BrokerId.NONE, 4, ids.subList(0, 1), 8)))));
        return this;
    }

    /** A topic of one partition: the first leads and is alone in sync, the others are eligible as leaders. */
    public Clusters eligible(String name, Integer... replicas) {
        List<BrokerId> ids = List.of(replicas).stream().map(BrokerId::new).toList();
        LeaderAndIsr state = new LeaderAndIsr(ids.get(0), 4, ids.subList(0, 1), ids.subList(1, ids.size()), 8);
        topics.put(
                name,
                new ClusterView.Topic(
                        name, idOf(name), List.of(new ClusterView.Partition(0, ids, List.of(), List.of(), state))));
        return this;
    }

    public Clusters configs(DynamicConfigs dynamic) {
        configs = dynamic;
        return this;
    }

    public ClusterView view() {
        return ClusterView.of(new BrokerId(1), 5, 1, brokers, topics, configs);
    }

    public CurrentCluster current() {
        CurrentCluster current = new CurrentCluster();
        current.replace(view());
        return current;
    }

    /** The id that a topic of this name gets here. */
    public static UUID idOf(String name) {
        return new UUID(0x4000, name.hashCode());
    }
}
