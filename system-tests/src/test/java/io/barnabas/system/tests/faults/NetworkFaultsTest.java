package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Tag;

/** Links between chosen pairs are cut, in one direction or both, refused, slowed down, and heal again. */
class NetworkFaultsTest extends Faults {
    @Scenario(value = "FAULT-11", what = "a leader is cut from ZooKeeper only, past its session")
    @Tag("faults")
    void cutFromZooKeeper() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("zookeeper.session.timeout.ms", "6000")
                        .proxied()
                        .start();
                Load load = Load.on(cluster).committers(4)) {
            ClusterNode lonely = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, lonely);
            long epoch = cluster.states().brokerEpoch(lonely.id());
            cluster.zooKeeperLinks(lonely.id()).forEach(FaultProxy::cut);
            awaitLeaderOtherThan(cluster, partition, lonely);
            load.awaitProgress().keepOn(seconds(5));
            cluster.zooKeeperLinks(lonely.id()).forEach(FaultProxy::heal);
            cluster.awaitWhole();
            assertThat(cluster.states().brokerEpoch(lonely.id())).isGreaterThan(epoch);
            load.finish();
        }
    }

    @Scenario(value = "FAULT-11", what = "the controller is cut from ZooKeeper only, past its session")
    @Tag("faults")
    void controllerCutFromZooKeeper() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("zookeeper.session.timeout.ms", "6000")
                        .proxied()
                        .start();
                Load load = Load.on(cluster).committers(4)) {
            ClusterNode lonely = cluster.controller();
            cluster.zooKeeperLinks(lonely.id()).forEach(FaultProxy::cut);
            await("another controller")
                    .atMost(LiveCluster.RECOVERY)
                    .ignoreExceptions()
                    .until(() -> cluster.states().controller() != lonely.id());
            load.awaitProgress().keepOn(seconds(5));
            cluster.zooKeeperLinks(lonely.id()).forEach(FaultProxy::heal);
            load.finish();
        }
    }

    @Scenario(value = "FAULT-11", what = "a leader is cut from its clients only, for 15 s")
    @Tag("faults")
    void cutFromClients() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).proxied().start();
                Load load = Load.on(cluster)) {
            ClusterNode unheard = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, unheard);
            int epoch = cluster.states().partition(TOPIC, partition).leaderEpoch();
            cluster.clientLink(unheard.id()).cut();
            load.keepOn(seconds(15));
            cluster.clientLink(unheard.id()).heal();
            load.awaitProgress();
            assertThat(cluster.states().partition(TOPIC, partition).leaderEpoch())
                    .as("that is no business of the cluster")
                    .isEqualTo(epoch);
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-11",
            what = "nothing that clients are answered arrives, for 15 s: what was asked again is not doubled")
    @Tag("faults")
    void answersToClients() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).proxied().start();
                Load load = Load.on(cluster)) {
            for (int round = 0; round < 5; round++) {
                FaultProxy link = cluster.clientLink(1 + round % 3);
                link.dropReplies();
                load.keepOn(seconds(3));
                link.heal();
                load.awaitProgress();
            }
            load.finish();
        }
    }

    @Scenario(value = "FAULT-11", what = "a leader and the controller hear nothing of each other")
    @Tag("faults")
    void cutFromController() throws Exception {
        try (Namespaces networks = Namespaces.of(3);
                LiveCluster cluster = LiveCluster.in(directory).in(networks).start();
                Load load = Load.on(cluster)) {
            ClusterNode controller = cluster.controller();
            ClusterNode lonely = leaderBesidesController(cluster);
            networks.cut(controller.id(), lonely.id());
            load.keepOn(seconds(40));
            networks.heal();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-11",
            what = "a leader and one follower, neither the controller, hear nothing of each other")
    @Tag("faults")
    void cutFromPeer() throws Exception {
        try (Namespaces networks = Namespaces.of(3);
                LiveCluster cluster = LiveCluster.in(directory)
                        .in(networks)
                        .with("replica.lag.time.max.ms", "5000")
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode controller = cluster.controller();
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            ClusterNode peer = cluster.other(controller, leader);
            int controllerEpoch = cluster.states().controllerEpoch();
            networks.cut(leader.id(), peer.id());
            awaitInSync(cluster, partition, leader.id(), controller.id());
            load.awaitProgress().keepOn(seconds(10));
            networks.heal();
            load.awaitProgress();
            assertThat(cluster.states().controllerEpoch()).isEqualTo(controllerEpoch);
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-11",
            what = "what a broker says to the controller is lost, what it is told arrives; then the other way")
    @Tag("faults")
    void oneWay() throws Exception {
        try (Namespaces networks = Namespaces.of(3);
                LiveCluster cluster = LiveCluster.in(directory).in(networks).start();
                Load load = Load.on(cluster)) {
            ClusterNode controller = cluster.controller();
            ClusterNode broker = leaderBesidesController(cluster);
            networks.drop(broker.id(), controller.id());
            load.keepOn(seconds(20));
            networks.heal();
            load.awaitProgress();
            networks.drop(controller.id(), broker.id());
            load.keepOn(seconds(20));
            networks.heal();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-11",
            what = "the controller is cut from both other brokers, its session lives: it does not fence everybody")
    @Tag("faults")
    void controllerAlone() throws Exception {
        try (Namespaces networks = Namespaces.of(3);
                LiveCluster cluster = LiveCluster.in(directory).in(networks).start();
                Load load = Load.on(cluster)) {
            ClusterNode controller = cluster.controller();
            for (ClusterNode node : cluster.nodes()) {
                if (node != controller) {
                    networks.cut(controller.id(), node.id());
                }
            }
            load.keepOn(seconds(40));
            networks.heal();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-12",
            what = "a firewall resets and refuses what goes between controller and a leader, for 20 s, three times")
    @Tag("faults")
    void firewall() throws Exception {
        try (Namespaces networks = Namespaces.of(3);
                LiveCluster cluster = LiveCluster.in(directory).in(networks).start();
                Load load = Load.on(cluster).committers(4)) {
            int controllerEpoch = cluster.states().controllerEpoch();
            for (int round = 0; round < 3; round++) {
                ClusterNode controller = cluster.controller();
                ClusterNode suspect = leaderBesidesController(cluster);
                networks.reset(controller.id(), suspect.id());
                networks.reset(suspect.id(), controller.id());
                load.keepOn(seconds(20));
                networks.heal();
                cluster.awaitWhole();
                load.awaitProgress().awaitCommits();
            }
            assertThat(cluster.states().controllerEpoch() - controllerEpoch)
                    .as("changes of the controller, who did nothing wrong")
                    .isLessThanOrEqualTo(3);
            load.finish();
        }
    }

    @Scenario(value = "FAULT-36", what = "between the brokers 200 ms there and back, 5 % loss, 2 MB/s, for 30 s")
    @Tag("faults")
    void badNetwork() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).proxied().start();
                Load load = Load.on(cluster)) {
            int before = changes(cluster);
            for (ClusterNode node : cluster.nodes()) {
                FaultProxy link = cluster.peerLink(node.id());
                link.delay(100);
                link.lose(0.05);
                link.limit(2_000_000);
            }
            load.keepOn(seconds(30));
            load.awaitProgress();
            int during = changes(cluster) - before;
            for (ClusterNode node : cluster.nodes()) {
                cluster.peerLink(node.id()).heal();
            }
            assertThat(during).as("changes of leaders and ISRs").isLessThanOrEqualTo(2 * Load.PARTITIONS);
            load.awaitProgress();
            load.finish();
        }
    }

    private static int changes(LiveCluster cluster) throws Exception {
        int changes = 0;
        for (int partition = 0; partition < Load.PARTITIONS; partition++) {
            changes += cluster.states()
                    .session()
                    .exists("/brokers/topics/" + TOPIC + "/partitions/" + partition + "/state", false)
                    .getVersion();
        }
        return changes;
    }
}
