package io.barnabas.system.tests.simulation;

import io.barnabas.broker.fetcher.LeaderConnection;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import io.barnabas.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** A client machine: finds leaders as real clients do, never goes back to an older leader, asks and waits for answers. */
class SimulatedClient {
    static final long REQUEST_TIMEOUT_MS = 3_000;
    private static final short METADATA_VERSION = 12;

    protected final World world;
    protected final SimulatedCluster cluster;
    protected final EventLoop loop;
    private final String name;
    private final int place;
    private final SimulatedProcess process;
    private final Map<Integer, LeaderWire> wires = new HashMap<>();
    private final Map<TopicPartition, Leader> leaders = new HashMap<>();
    private final Map<String, UUID> topicIds = new HashMap<>();

    SimulatedClient(SimulatedCluster cluster, String name, int place) {
        this.world = cluster.world();
        this.cluster = cluster;
        this.name = name;
        this.place = place;
        this.process =
                new SimulatedProcess(world, name, thrown -> cluster.verdicts().uncaught(name, thrown));
        this.loop = process.loop("client");
    }

    /** Who leads a partition, as far as this client knows. */
    record Leader(int broker, int epoch) {}

    String name() {
        return name;
    }

    SimulatedProcess process() {
        return process;
    }

    /** @param then given the answer, or null if there was none: the request may have been carried out or not */
    void ask(int broker, ApiMessage request, int version, Consumer<ApiMessage> then) {
        LeaderWire wire = wires.computeIfAbsent(
                broker,
                to -> new LeaderWire(
                        world,
                        cluster.network(),
                        place,
                        cluster.broker(new BrokerId(to)).place(),
                        name,
                        loop,
                        REQUEST_TIMEOUT_MS));
        wire.send(request, (short) version, new LeaderConnection.Answer() {
            @Override
            public void onResponse(ApiMessage response) {
                then.accept(response);
            }

            @Override
            public void onFailure(Exception cause) {
                then.accept(null);
            }
        });
    }

    int anyBroker() {
        return 1 + world.random().nextInt(cluster.size());
    }

    /** Null if nobody leads it, or this client does not know who. */
    Leader leaderOf(TopicPartition partition) {
        Leader leader = leaders.get(partition);
        return leader == null || leader.broker < 0 ? null : leader;
    }

    UUID topicId(String topic) {
        return topicIds.get(topic);
    }

    void forget(String topic) {
        leaders.keySet().removeIf(partition -> partition.topic().equals(topic));
        topicIds.remove(topic);
    }

    /** Asks somebody who leads what; {@code then} runs whatever came of it. */
    void refresh(String topic, Runnable then) {
        MetadataRequestData request = new MetadataRequestData();
        MetadataRequestData.MetadataRequestTopic entry = new MetadataRequestData.MetadataRequestTopic();
        entry.name = topic;
        request.topics = new ArrayList<>(List.of(entry));
        request.allowAutoTopicCreation = false;
        ask(anyBroker(), request, METADATA_VERSION, response -> {
            if (response instanceof MetadataResponseData told) {
                told.topics.forEach(this::learn);
            }
            then.run();
        });
    }

    private void learn(MetadataResponseData.MetadataResponseTopic topic) {
        if (topic.errorCode != ErrorCode.NONE.code()) {
            return;
        }
        UUID before = topicIds.put(topic.name, topic.topicId);
        if (before != null && !before.equals(topic.topicId)) {
            leaders.keySet().removeIf(partition -> partition.topic().equals(topic.name));
        }
        for (var partition : topic.partitions) {
            TopicPartition id = new TopicPartition(topic.name, partition.partitionIndex);
            Leader known = leaders.get(id);
            if (known == null || partition.leaderEpoch >= known.epoch) {
                leaders.put(id, new Leader(partition.leaderId, partition.leaderEpoch));
            }
        }
    }

    void after(long least, long most, Runnable action) {
        loop.schedule(action, world.between(least, most));
    }
}
