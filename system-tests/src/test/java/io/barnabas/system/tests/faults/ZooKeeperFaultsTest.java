package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Tag;

/** The ensemble loses servers, its majority, sessions and answers, or is behind; and is filled with what does not belong there. */
class ZooKeeperFaultsTest extends Faults {
    @Scenario(value = "FAULT-09", what = "kill −9 the leader of the ensemble; it comes back")
    @Tag("faults")
    void ensembleLeader() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).zooKeepers(3).start();
                Load load = Load.on(cluster).committers(2)) {
            Map<Integer, Long> epochs = brokerEpochs(cluster);
            int leader = cluster.ensemble().leader();
            load.recordGaps().forget();
            cluster.ensemble().kill(leader);
            load.awaitProgress().awaitCommits().keepOn(seconds(20));
            cluster.createTopic("without-it", 6, 3, Map.of());
            load.recordsWithin(seconds(1));
            cluster.ensemble().start(leader);
            cluster.ensemble().awaitServing();
            assertThat(brokerEpochs(cluster)).as("nobody had to register again").isEqualTo(epochs);
            load.finish();
        }
    }

    @Scenario(value = "FAULT-10", what = "the ensemble has no majority for 5 minutes")
    @Tag("faults")
    void majority() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).zooKeepers(3).start();
                Load load = Load.on(cluster).committers(2)) {
            load.recordGaps().forget();
            cluster.ensemble().kill(2);
            cluster.ensemble().kill(3);
            load.keepOn(seconds(Integer.getInteger("faults.majority.seconds", 300)));
            load.awaitProgress().awaitCommits();
            load.recordsWithin(seconds(1));
            cluster.ensemble().start(2);
            cluster.ensemble().start(3);
            cluster.ensemble().awaitServing();
            cluster.awaitWhole();
            await("a controller works")
                    .atMost(LiveCluster.RECOVERY)
                    .ignoreExceptions()
                    .untilAsserted(() -> cluster.createTopic("afterwards", 6, 3, Map.of()));
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-13",
            what = "the session of a broker, and of the controller, is ended by force, again and again")
    @Tag("faults")
    void sessions() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster).committers(2)) {
            for (int round = 0; round < 3; round++) {
                ClusterNode controller = cluster.controller();
                for (ClusterNode robbed : List.of(cluster.other(controller), controller)) {
                    long epoch = cluster.states().brokerEpoch(robbed.id());
                    cluster.states().expire(robbed.id());
                    long began = System.nanoTime();
                    await("registered again")
                            .atMost(LiveCluster.RECOVERY)
                            .pollInterval(millis(20))
                            .ignoreExceptions()
                            .until(() -> cluster.states().brokerEpoch(robbed.id()) > epoch);
                    if (System.getProperty("faults.report") != null && !LiveCluster.isKafka()) {
                        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
                                .as("milliseconds until broker %d was registered again", robbed.id())
                                .isLessThan(2_000);
                    }
                    cluster.awaitWhole();
                    load.awaitProgress().awaitCommits();
                }
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-14",
            what = "ZooKeeper does what it is asked, but its answers get lost, on each broker in turn")
    @Tag("faults")
    void lostAnswers() throws Exception {
        try (LiveCluster cluster =
                        LiveCluster.in(directory).zooKeepers(3).proxied().start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            for (int round = 0; round < 9; round++) {
                String topic = "ambiguous-" + round;
                ClusterNode deaf = round % 3 == 0 ? cluster.controller() : cluster.node(1 + round % 3);
                ClusterNode follower = cluster.other(deaf, cluster.controller());
                var links = cluster.zooKeeperLinks(deaf.id());
                links.forEach(FaultProxy::dropReplies);
                var creation = admin.createTopics(List.of(new NewTopic(topic, 6, (short) 3)));
                follower.kill();
                load.keepOn(millis(500 + 400 * round));
                links.forEach(FaultProxy::heal);
                follower.start();
                load.awaitProgress();
                creation.all()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .handle((done, failed) -> true)
                        .get(90, TimeUnit.SECONDS);
                cluster.awaitWhole();
                if (admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(topic)) {
                    assertThat(admin.describeTopics(Set.of(topic))
                                    .allTopicNames()
                                    .get(30, TimeUnit.SECONDS)
                                    .get(topic)
                                    .partitions())
                            .hasSize(6);
                } else {
                    cluster.createTopic(topic, 6, 3, Map.of());
                }
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-15",
            what =
                    "one broker's ZooKeeper server is 10 s behind the others, while leaders die and it becomes controller")
    @Tag("faults")
    void staleServer() throws Exception {
        List<ClusterNode> first = new ArrayList<>();
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .zooKeepers(3)
                        .with("zookeeper.session.timeout.ms", "30000")
                        .beforeStart(first::add)
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode stale = cluster.node(1);
            stale.terminate();
            stale.with("zookeeper.connect", "127.0.0.1:" + cluster.ensemble().clientPort(1));
            stale.start();
            cluster.awaitWhole();
            int leader = cluster.ensemble().leader();
            assertThat(leader).as("server 1 follows").isNotEqualTo(1);
            cluster.ensemble().linkOfFirst(leader).delayBack(10_000);
            for (int id : new int[] {2, 3, 2, 3}) {
                cluster.node(id).kill();
                load.keepOn(seconds(3));
                cluster.node(id).start();
                load.keepOn(seconds(3));
            }
            cluster.ensemble().linkOfFirst(leader).heal();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-42", what = "a topic that no znode could hold, and thousands of notifications")
    @Tag("faults")
    void overfull() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            Map<Integer, Long> epochs = brokerEpochs(cluster);
            assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("huge", 100_000, (short) 3)))
                            .all()
                            .get(120, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
            ZooKeeper hand = cluster.states().session();
            for (String parent :
                    List.of("/config/changes", "/isr_change_notification", "/log_dir_event_notification")) {
                for (int i = 0; i < 1_500; i++) {
                    hand.create(
                            parent + "/storm_",
                            new byte[] {'{', '}'},
                            ZooDefs.Ids.OPEN_ACL_UNSAFE,
                            CreateMode.PERSISTENT_SEQUENTIAL);
                }
            }
            load.awaitProgress();
            cluster.createTopic("afterwards", 12, 3, Map.of());
            assertThat(brokerEpochs(cluster)).as("no session was lost").isEqualTo(epochs);
            assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS)).doesNotContain("huge");
            load.finish();
        }
    }

    private static Map<Integer, Long> brokerEpochs(LiveCluster cluster) throws Exception {
        Map<Integer, Long> epochs = new HashMap<>();
        for (ClusterNode node : cluster.nodes()) {
            epochs.put(node.id(), cluster.states().brokerEpoch(node.id()));
        }
        return epochs;
    }
}
