package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long a group takes until every partition is owned again when members come, leave and die, and how many commits the coordinator
 * takes. Java consumers with their default settings; only the session time-out is shorter, which matters where a member dies.
 */
final class GroupCells {
    private static final String TOPIC = "owned";
    private static final int PARTITIONS = 100;
    private static final int IN_FLIGHT = 5;
    private static final int SESSION_TIMEOUT_MS = 6_000;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path scratch;
    private final double secondsPerCell;

    GroupCells(Path scratch, double secondsPerCell) {
        this.scratch = scratch;
        this.secondsPerCell = secondsPerCell;
    }

    static Map<String, Object> settings(String bootstrap, String group, boolean consumerProtocol) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.id", group);
        settings.put("group.protocol", consumerProtocol ? "consumer" : "classic");
        if (!consumerProtocol) {
            settings.put("session.timeout.ms", SESSION_TIMEOUT_MS);
        }
        return settings;
    }

    /** Commits, then groups whose members come and go. */
    Map<String, Figures> measure(Contender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        try (RunningContender broker = RunningContender.start(contender, scratch)) {
            String bootstrap = prepared(broker);
            putCommits(cells, broker);
            for (boolean consumerProtocol : new boolean[] {false, true}) {
                if (consumerProtocol && !contender.consumerProtocol()) {
                    continue;
                }
                for (int members : new int[] {10, 100}) {
                    String name = (consumerProtocol ? "consumer protocol, " : "classic protocol, ") + members
                            + " members, " + PARTITIONS + " partitions";
                    cells.put(name, rebalances(bootstrap, consumerProtocol, members));
                }
            }
        }
        return cells;
    }

    /** Commits alone, which take seconds where the whole takes minutes. */
    Map<String, Figures> measureCommits(Contender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        try (RunningContender broker = RunningContender.start(contender, scratch)) {
            prepared(broker);
            putCommits(cells, broker);
        }
        return cells;
    }

    private void putCommits(Map<String, Figures> cells, RunningContender broker) throws IOException {
        for (int connections : new int[] {16, 200}) {
            cells.put("commits, " + connections + " connections", commits(broker, connections, 1));
        }
        // as of clients that commit without waiting (commitAsync)
        cells.put("commits, 200 connections, " + IN_FLIGHT + " in flight", commits(broker, 200, IN_FLIGHT));
    }

    /** @return where to reach a broker that has the topic and a coordinator */
    private static String prepared(RunningContender broker) throws Exception {
        String bootstrap = "127.0.0.1:" + broker.address().getPort();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
        awaitCoordinator(bootstrap);
        return bootstrap;
    }

    /** The first request for a coordinator makes its topic. */
    private static void awaitCoordinator(String bootstrap) {
        Map<String, Object> settings = settings(bootstrap, "first", false);
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(Set.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)), PATIENCE);
        }
    }

    private Figures commits(RunningContender broker, int connections, int inFlight) throws IOException {
        RequestLoad load = RequestLoad.commits(broker.address(), TOPIC, PARTITIONS, connections, inFlight);
        load.run(secondsPerCell, Long.MAX_VALUE);
        double cpuBefore = ProcessUsage.cpuSeconds(broker.processes());
        RequestLoad.Result result = load.run(secondsPerCell, Long.MAX_VALUE);
        double cpu = ProcessUsage.cpuSeconds(broker.processes()) - cpuBefore;
        return new Figures()
                .put("commits/s", result.requests() / result.seconds())
                .put("broker CPU us/commit", cpu * 1e6 / result.requests())
                .put("p50 us", result.latencyMicros().getValueAtPercentile(50))
                .put("p99 us", result.latencyMicros().getValueAtPercentile(99));
    }

    private Figures rebalances(String bootstrap, boolean consumerProtocol, int members) throws Exception {
        String group = (consumerProtocol ? "consumer-" : "classic-") + members;
        Map<String, Object> settings = settings(bootstrap, group, consumerProtocol);
        Ownership ownership = new Ownership();
        Figures figures = new Figures();
        try {
            long begin = System.nanoTime();
            for (int i = 0; i < members - 1; i++) {
                ownership.add(settings);
            }
            figures.put("ms all but one join", ownership.awaitAll(begin, PARTITIONS));

            begin = System.nanoTime();
            GroupMember last = ownership.add(settings);
            figures.put("ms one joins", ownership.awaitAll(begin, PARTITIONS));

            begin = System.nanoTime();
            ownership.remove(last);
            figures.put("ms one leaves", ownership.awaitAll(begin, PARTITIONS));

            Process victim = foreign(bootstrap, group, consumerProtocol);
            try {
                // it owns what the others have given up; they are settled when each has what is left for it
                ownership.awaitAll(System.nanoTime(), PARTITIONS - PARTITIONS / members);
            } finally {
                victim.destroyForcibly().waitFor();
            }
            figures.put("ms one killed, session 6 s", ownership.awaitAll(System.nanoTime(), PARTITIONS));
        } finally {
            ownership.close();
        }
        return figures;
    }

    private Process foreign(String bootstrap, String group, boolean consumerProtocol) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GroupMember.class.getName(),
                        bootstrap,
                        group,
                        TOPIC,
                        consumerProtocol ? "consumer" : "classic")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The members in this process, and when they own what they should. */
    private static final class Ownership implements AutoCloseable {
        private final List<GroupMember> members = new ArrayList<>();

        synchronized GroupMember add(Map<String, Object> settings) {
            GroupMember member = new GroupMember(settings, TOPIC, this::changed);
            members.add(member);
            return member;
        }

        synchronized void remove(GroupMember member) {
            members.remove(member);
            member.leave();
        }

        private synchronized void changed() {
            notifyAll();
        }

        /**
         * Waits until the members own so many partitions, each at least one and none twice.
         *
         * @return milliseconds since {@code beginNanos}
         */
        synchronized double awaitAll(long beginNanos, int partitions) throws InterruptedException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!settled(partitions)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new IllegalStateException("the group did not settle");
                }
                wait(left);
            }
            return (System.nanoTime() - beginNanos) / 1e6;
        }

        private boolean settled(int partitions) {
            Set<TopicPartition> all = new HashSet<>();
            int sum = 0;
            for (GroupMember member : members) {
                Set<TopicPartition> owned = Set.copyOf(member.owned());
                if (owned.isEmpty()) {
                    return false;
                }
                sum += owned.size();
                all.addAll(owned);
            }
            return sum == partitions && all.size() == partitions;
        }

        @Override
        public void close() throws InterruptedException {
            List<GroupMember> leaving;
            synchronized (this) {
                leaving = List.copyOf(members);
                members.clear();
            }
            leaving.forEach(GroupMember::leave);
            for (GroupMember member : leaving) {
                member.close();
            }
        }
    }
}
