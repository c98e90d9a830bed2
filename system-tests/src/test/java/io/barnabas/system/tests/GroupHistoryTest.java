package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real consumers come, go and stay while the broker is stopped and killed (GROUP-04, GROUP-05, GROUP-20, GROUP-27, GROUP-30). Whatever
 * happens: one owner for each partition, commits that stay, no record skipped, and none read again that was committed.
 */
@Timeout(180)
class GroupHistoryTest {
    private static final String TOPIC = "history";
    private static final String GROUP = "historians";
    private static final int PARTITIONS = 6;

    @TempDir
    Path directory;

    /** How the members take part. */
    enum Flavour {
        EAGER(i -> Map.of(
                "group.protocol", "classic",
                "partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor")),
        COOPERATIVE(i -> Map.of(
                "group.protocol", "classic",
                "partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor")),
        STATIC(i -> Map.of("group.protocol", "classic", "group.instance.id", "instance-" + i)),
        CONSUMER(i -> Map.of("group.protocol", "consumer")),
        CONSUMER_STATIC(i -> Map.of("group.protocol", "consumer", "group.instance.id", "instance-" + i)),
        MIXED(i -> i % 2 == 0
                ? Map.of("group.protocol", "consumer")
                : Map.of(
                        "group.protocol", "classic",
                        "partition.assignment.strategy",
                                "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"));

        private final IntFunction<Map<String, Object>> settings;

        Flavour(IntFunction<Map<String, Object>> settings) {
            this.settings = settings;
        }

        Map<String, Object> settings(int member) {
            Map<String, Object> all = new HashMap<>(settings.apply(member));
            all.put("group.id", GROUP);
            if (all.get("group.protocol").equals("classic")) {
                all.put("heartbeat.interval.ms", 300);
                all.put("session.timeout.ms", 10_000);
            }
            return all;
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("members come and go, the broker dies and comes back: one owner each, nothing skipped, commits stay")
    void survives(Flavour flavour) throws Exception {
        var random = SeededRandom.fresh();
        int port;
        try (LiveBroker first = LiveBroker.start(directory, Map.of())) {
            port = first.port();
        }
        Map<String, String> broker = Map.of(
                "listeners", "PLAINTEXT://127.0.0.1:" + port,
                "group.initial.rebalance.delay.ms", "100",
                "group.consumer.min.session.timeout.ms", "6000",
                "group.consumer.session.timeout.ms", "10000",
                "offsets.topic.num.partitions", "4");
        String bootstrap = "127.0.0.1:" + port;
        GroupHistory history = new GroupHistory();
        List<HistoryMember> members = new ArrayList<>();
        List<HistoryMember> gone = new ArrayList<>();
        LiveBroker live = LiveBroker.start(directory, broker);
        try (KafkaProducer<byte[], byte[]> producer =
                Clients.producer(bootstrap, Map.of("linger.ms", 2, "retry.backoff.ms", 20))) {
            createTopic(bootstrap);
            int produced = produce(producer, 0, 600);
            int number = 0;
            for (; number < 3; number++) {
                members.add(member(flavour, number, bootstrap, history));
            }
            awaitOwnership(history, members);
            for (int round = 0; round < 3; round++) {
                history.note("--- round " + round);
                produced = produce(producer, produced, 600);
                if (members.size() == 1 || random.nextBoolean()) {
                    members.add(member(flavour, number++, bootstrap, history));
                } else {
                    HistoryMember leaver = members.remove(random.nextInt(members.size()));
                    gone.add(leaver);
                    leaver.close();
                }
                Map<TopicPartition, Long> acknowledged = history.committed();
                if (round == 1) {
                    history.note("--- SIGTERM");
                    live.terminate();
                } else {
                    history.note("--- kill -9");
                    live.kill();
                }
                live = LiveBroker.start(directory, broker);
                checkCommitted(bootstrap, history, acknowledged);
                produced = produce(producer, produced, 600);
                awaitOwnership(history, members);
            }
            int each = produced / PARTITIONS;
            await("everything is read, " + random).atMost(60, TimeUnit.SECONDS).untilAsserted(() -> {
                assertThat(failures(members, gone)).as(history.story()).isEmpty();
                assertThat(new TreeMap<>(byNumber(history.seen())))
                        .as(history.story())
                        .isEqualTo(allAt(each));
                assertThat(new TreeMap<>(byNumber(history.committed()))).isEqualTo(allAt(each));
            });
            checkCommitted(bootstrap, history, history.committed());
        } finally {
            for (HistoryMember member : members) {
                member.close();
            }
            live.close();
        }
        assertThat(history.breaches())
                .as(
                        "%s %s, %d records, %d repeated%n%s",
                        flavour, random, history.records(), history.repeated(), history.story())
                .isEmpty();
    }

    private static HistoryMember member(Flavour flavour, int number, String bootstrap, GroupHistory history) {
        return new HistoryMember("member-" + number, bootstrap, TOPIC, flavour.settings(number), history);
    }

    private static void createTopic(String bootstrap) throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    /** So many records, evenly over the partitions, all acknowledged. */
    private static int produce(KafkaProducer<byte[], byte[]> producer, int from, int count) throws Exception {
        var sent = new ArrayList<java.util.concurrent.Future<?>>();
        for (int i = from; i < from + count; i++) {
            sent.add(producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, new byte[] {1})));
        }
        for (var each : sent) {
            each.get(60, TimeUnit.SECONDS);
        }
        return from + count;
    }

    private static void awaitOwnership(GroupHistory history, List<HistoryMember> members) {
        await("every partition is owned").atMost(60, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(failures(members, List.of())).as(history.story()).isEmpty();
            assertThat(history.owners()).as(history.story()).hasSize(PARTITIONS);
        });
    }

    private static List<Throwable> failures(List<HistoryMember> members, List<HistoryMember> gone) {
        List<Throwable> failures = new ArrayList<>();
        members.forEach(member -> failures.add(member.failure()));
        gone.forEach(member -> failures.add(member.failure()));
        failures.removeIf(failure -> failure == null);
        return failures;
    }

    private static void checkCommitted(String bootstrap, GroupHistory history, Map<TopicPartition, Long> atLeast)
            throws Exception {
        try (Admin admin = Clients.admin(bootstrap)) {
            history.fetched(
                    atLeast,
                    admin.listConsumerGroupOffsets(GROUP)
                            .partitionsToOffsetAndMetadata()
                            .get(30, TimeUnit.SECONDS));
        }
    }

    private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> numbers = new HashMap<>();
        offsets.forEach((partition, offset) -> numbers.put(partition.partition(), offset));
        return numbers;
    }

    private static Map<Integer, Long> allAt(long offset) {
        Map<Integer, Long> all = new TreeMap<>();
        IntStream.range(0, PARTITIONS).forEach(partition -> all.put(partition, offset));
        return all;
    }
}
