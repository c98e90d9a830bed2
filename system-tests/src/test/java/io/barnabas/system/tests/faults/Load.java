package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.system.tests.Clients;
import io.barnabas.system.tests.GroupHistory;
import io.barnabas.system.tests.HistoryMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Real clients at work on one topic while a {@link LiveCluster} is maltreated: producers with the client's defaults, a reader by assignment,
 * members of a group, and committers. {@link #finish} waits until the cluster is whole and holds all that was promised against all that is there.
 */
final class Load implements AutoCloseable {
    static final String TOPIC = "load";
    static final int PARTITIONS = 6;

    private static final String GROUP = "load-members";

    /** Time is held against promises only where nothing else runs on the machine, which the script takes for granted. */
    private static final boolean TIMED = System.getProperty("faults.report") != null && !LiveCluster.isKafka();

    private final LiveCluster cluster;
    private final List<String> late = new ArrayList<>();
    private final RecordHistory history = new RecordHistory();
    private final GroupHistory groupHistory = new GroupHistory();
    private final GapMeter recordGaps = new GapMeter();
    private final GapMeter commitGaps = new GapMeter();
    private final List<LoadProducer> producers = new ArrayList<>();
    private final List<LoadCommitter> committers = new ArrayList<>();
    private final List<HistoryMember> members = new ArrayList<>();
    private LoadReader reader;

    private Load(LiveCluster cluster) {
        this.cluster = cluster;
    }

    /** Creates the topic with three replicas and min.insync.replicas=2, and starts two producers and a reader. */
    static Load on(LiveCluster cluster) throws Exception {
        return on(cluster, 3, Map.of("min.insync.replicas", "2"));
    }

    static Load on(LiveCluster cluster, int replicas, Map<String, String> configs) throws Exception {
        cluster.createTopic(TOPIC, PARTITIONS, replicas, configs);
        Load load = new Load(cluster);
        load.producer("a", 120, Map.of());
        load.producer("b", 120, Map.of());
        load.reader = new LoadReader(cluster.bootstrap(), TOPIC, PARTITIONS, load.history);
        load.awaitProgress();
        return load;
    }

    Load producer(String name, int recordsPerSecond, Map<String, Object> settings) {
        producers.add(new LoadProducer(
                name, cluster.bootstrap(), TOPIC, PARTITIONS, recordsPerSecond, settings, history, recordGaps));
        return this;
    }

    /** So many groups that commit as fast as they can. */
    Load committers(int count) {
        for (int i = 0; i < count; i++) {
            committers.add(new LoadCommitter(cluster.bootstrap(), "committer-" + i, TOPIC, history, commitGaps));
        }
        return awaitCommits();
    }

    /** Members of one group that read the topic and commit what they have read. */
    Load members(int count, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("group.id", GROUP);
        for (int i = 0; i < count; i++) {
            members.add(new HistoryMember("member-" + i, cluster.bootstrap(), TOPIC, all, groupHistory));
        }
        await("all partitions have an owner")
                .atMost(Duration.ofSeconds(60))
                .until(() -> groupHistory.owners().size() == PARTITIONS && groupHistory.records() > 0);
        return this;
    }

    /** Waits until every partition has acknowledged records that were not acknowledged when this was called. */
    Load awaitProgress() {
        for (LoadProducer producer : producers) {
            long[] before = new long[PARTITIONS];
            for (int partition = 0; partition < PARTITIONS; partition++) {
                before[partition] = producer.acknowledged(partition);
            }
            await("records are acknowledged in every partition")
                    .atMost(LiveCluster.RECOVERY)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        for (int partition = 0; partition < PARTITIONS; partition++) {
                            if (producer.acknowledged(partition) < before[partition] + 20) {
                                return false;
                            }
                        }
                        return true;
                    });
        }
        return this;
    }

    Load awaitCommits() {
        for (LoadCommitter committer : committers) {
            long before = committer.committed();
            await("offsets are committed")
                    .atMost(LiveCluster.RECOVERY)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> committer.committed() >= before + 10);
        }
        return this;
    }

    /** Goes on for so long, whatever happens. */
    void keepOn(Duration time) {
        await("time passes").atMost(time.plusSeconds(30)).pollDelay(time).until(() -> true);
    }

    /** No partition may have waited longer for an acknowledgement so far; said at the end, after what matters more. */
    void recordsWithin(Duration most) {
        within(recordGaps, most);
    }

    /** No committer may have waited longer so far. */
    void commitsWithin(Duration most) {
        within(commitGaps, most);
    }

    private void within(GapMeter meter, Duration most) {
        if (TIMED && meter.longestMillis() > most.toMillis()) {
            late.add(meter + ", promised " + most.toMillis() + " ms");
        }
    }

    GapMeter recordGaps() {
        return recordGaps;
    }

    GapMeter commitGaps() {
        return commitGaps;
    }

    RecordHistory history() {
        return history;
    }

    GroupHistory groupHistory() {
        return groupHistory;
    }

    /** All that clients were promised is there, none of their calls failed, and the replicas are equal (I1–I4, I6, I7, I10). */
    void finish() throws Exception {
        finishAllowingFailures();
        assertThat(history.failures()).as("sends and commits that failed").isEmpty();
    }

    /** For scenarios in which a client may be told that its call failed; what was promised is kept all the same. */
    void finishAllowingFailures() throws Exception {
        for (LoadProducer producer : producers) {
            producer.finish();
        }
        for (LoadCommitter committer : committers) {
            committer.close();
        }
        cluster.awaitWhole();
        List<ConsumerRecord<byte[], byte[]>> stored = Clients.readAll(cluster.bootstrap(), TOPIC, PARTITIONS);
        await("the reader has read all of it")
                .atMost(LiveCluster.RECOVERY)
                .until(() -> reader.failure() != null || history.reads() >= stored.size());
        if (!members.isEmpty()) {
            await("the group has read all of it")
                    .atMost(LiveCluster.RECOVERY)
                    .until(() -> groupHistory.seen().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()
                            >= stored.size());
        }
        stop();
        history.compare(stored);
        ScenarioReport.note(history.acknowledged(), stored.size(), recordGaps, commitGaps);
        List<Throwable> failures = new ArrayList<>();
        producers.forEach(producer -> failures.add(producer.failure()));
        committers.forEach(committer -> failures.add(committer.failure()));
        members.forEach(member -> failures.add(member.failure()));
        failures.add(reader.failure());
        failures.removeIf(Objects::isNull);
        assertThat(failures).as("clients that gave up").isEmpty();
        assertThat(history.breaches()).as("broken promises").isEmpty();
        assertThat(groupHistory.breaches()).as(groupHistory.story()).isEmpty();
        cluster.assertReplicasEqual(TOPIC, PARTITIONS);
        assertThat(late).as("gaps that were longer than promised").isEmpty();
    }

    private void stop() throws InterruptedException {
        for (HistoryMember member : members) {
            member.close();
        }
        reader.close();
        for (LoadProducer producer : producers) {
            producer.close();
        }
    }

    @Override
    public void close() throws Exception {
        for (LoadProducer producer : producers) {
            producer.close();
        }
        for (LoadCommitter committer : committers) {
            committer.close();
        }
        for (HistoryMember member : members) {
            member.close();
        }
        if (reader != null) {
            reader.close();
        }
    }
}
