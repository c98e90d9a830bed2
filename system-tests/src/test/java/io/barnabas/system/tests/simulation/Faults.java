package io.barnabas.system.tests.simulation;

import java.util.random.RandomGenerator;

/** Lets things go wrong at random, one after another and several at a time, and at last none. */
final class Faults {
    private final SimulatedCluster cluster;
    private final World world;
    private final RandomGenerator random;
    private final int brokers;
    private final SimulatedBroker unlucky;
    private boolean over;

    Faults(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.random = world.random();
        this.brokers = cluster.size();
        this.unlucky = cluster.shape().powerLoss() == PowerLoss.NEVER
                ? null
                : cluster.brokers().get(random.nextInt(brokers));
    }

    void begin() {
        world.afterMillis(world.between(10, 1_000), () -> {
            if (!over) {
                one();
                begin();
            }
        });
    }

    /** Everything works again, and every broker is started. */
    void end() {
        over = true;
        cluster.network().heal();
        cluster.healWaysToZooKeeper();
        SimulatedZooKeeper zooKeeper = cluster.zooKeeper();
        zooKeeper.oneCommitLostIn = 0;
        zooKeeper.slownessNanos = 0;
        for (int server = 0; server < SimulatedZooKeeper.SERVERS; server++) {
            zooKeeper.startServer(server);
            zooKeeper.server(server).lagNanos = 2_000_000L;
        }
        for (SimulatedBroker broker : cluster.brokers()) {
            broker.clock().offsetMillis = 0;
            broker.resume();
            broker.start();
        }
    }

    /** Leaders are worth more. */
    private SimulatedBroker anyBroker() {
        if (random.nextBoolean()) {
            SimulatedBroker leader =
                    cluster.leaderOf(random.nextInt(cluster.shape().partitions()));
            if (leader != null) {
                return leader;
            }
        }
        return cluster.brokers().get(random.nextInt(brokers));
    }

    private void later(long least, long most, Runnable action) {
        world.afterMillis(world.between(least, most), () -> {
            if (!over) {
                action.run();
            }
        });
    }

    private void one() {
        if (unlucky != null && random.nextInt(5) == 0) {
            losePower();
            return;
        }
        switch (random.nextInt(18)) {
            case 0, 1, 2 -> kill(anyBroker());
            case 3 -> killController();
            case 4, 5 -> stop(anyBroker());
            case 6, 7 -> cutBrokers();
            case 8, 9 -> isolate(anyBroker());
            case 10 -> cutFromZooKeeper(anyBroker());
            case 11 -> reject();
            case 12 -> slowLink();
            case 13 -> zooKeeperServer();
            case 14 -> zooKeeperTrouble();
            case 15 -> expire(anyBroker());
            case 16 -> clock(anyBroker());
            default -> killAll();
        }
    }

    private void losePower() {
        if (cluster.shape().powerLoss() == PowerLoss.OF_ALL) {
            cluster.losePower();
            cluster.brokers().forEach(this::powerUp);
        } else if (cluster.mayLosePower(unlucky)) {
            unlucky.losePower();
            powerUp(unlucky);
        }
    }

    private void powerUp(SimulatedBroker broker) {
        later(20, random.nextInt(3) == 0 ? 8_000 : 600, broker::start);
    }

    private void kill(SimulatedBroker broker) {
        broker.kill();
        later(20, random.nextInt(3) == 0 ? 8_000 : 600, broker::start);
    }

    private void killController() {
        for (SimulatedBroker broker : cluster.brokers()) {
            if (broker.isUp()
                    && broker.running().controller() != null
                    && broker.running().controller().isController()) {
                kill(broker);
                return;
            }
        }
    }

    private void killAll() {
        if (random.nextInt(4) == 0) {
            for (SimulatedBroker broker : cluster.brokers()) {
                kill(broker);
            }
        }
    }

    private void stop(SimulatedBroker broker) {
        broker.stop();
        later(50, random.nextBoolean() ? 10_000 : 1_000, broker::resume);
    }

    private void cutBrokers() {
        int one = random.nextInt(brokers);
        int other = random.nextInt(brokers);
        boolean bothWays = random.nextInt(3) != 0;
        if (one == other) {
            return;
        }
        world.note(() -> "network: cut " + one + (bothWays ? " <> " : " > ") + other);
        cluster.network().lose(one, other, true);
        if (bothWays) {
            cluster.network().lose(other, one, true);
        }
        later(100, 8_000, () -> {
            world.note(() -> "network: mended " + one + " <> " + other);
            cluster.network().lose(one, other, false);
            cluster.network().lose(other, one, false);
        });
    }

    private void isolate(SimulatedBroker broker) {
        boolean fromClients = random.nextInt(4) == 0;
        world.note(() -> "network: isolated " + broker.place() + (fromClients ? "" : ", but not from clients"));
        setIsolated(broker, fromClients, true);
        later(200, 10_000, () -> {
            world.note(() -> "network: mended " + broker.place());
            setIsolated(broker, fromClients, false);
        });
    }

    private void setIsolated(SimulatedBroker broker, boolean fromClients, boolean lost) {
        int machines = fromClients ? cluster.machines() : brokers;
        for (int other = 0; other < machines; other++) {
            if (other != broker.place()) {
                cluster.network().lose(broker.place(), other, lost);
                cluster.network().lose(other, broker.place(), lost);
            }
        }
        for (int server = 0; server < SimulatedZooKeeper.SERVERS; server++) {
            cluster.cutFromZooKeeper(broker.place(), server, lost, lost);
        }
    }

    private void cutFromZooKeeper(SimulatedBroker broker) {
        boolean to = random.nextInt(4) != 0;
        boolean from = !to || random.nextInt(4) != 0;
        boolean one = random.nextInt(3) == 0;
        int only = random.nextInt(SimulatedZooKeeper.SERVERS);
        world.note(() -> "network: cut " + broker.place() + " from zookeeper" + (one ? " " + only : ""));
        for (int server = 0; server < SimulatedZooKeeper.SERVERS; server++) {
            if (!one || server == only) {
                cluster.cutFromZooKeeper(broker.place(), server, to, from);
            }
        }
        later(100, 10_000, () -> {
            for (int server = 0; server < SimulatedZooKeeper.SERVERS; server++) {
                cluster.cutFromZooKeeper(broker.place(), server, false, false);
            }
        });
    }

    private void reject() {
        int one = random.nextInt(brokers);
        int other = random.nextInt(brokers);
        world.note(() -> "network: " + one + " is rejected by " + other);
        cluster.network().reject(one, other, true);
        later(100, 6_000, () -> cluster.network().reject(one, other, false));
    }

    private void slowLink() {
        int one = random.nextInt(brokers);
        int other = random.nextInt(brokers);
        long nanos = world.between(1, 300) * 1_000_000L;
        cluster.network().slow(one, other, nanos);
        later(500, 8_000, () -> cluster.network().slow(one, other, 0));
    }

    private void zooKeeperServer() {
        SimulatedZooKeeper zooKeeper = cluster.zooKeeper();
        boolean quorum = random.nextInt(3) == 0;
        int server = random.nextBoolean() ? zooKeeper.leader() : random.nextInt(SimulatedZooKeeper.SERVERS);
        int second = (server + 1) % SimulatedZooKeeper.SERVERS;
        world.note(() -> "zookeeper: server " + server + " stops" + (quorum ? ", and " + second : ""));
        zooKeeper.stopServer(server);
        if (quorum) {
            zooKeeper.stopServer(second);
        }
        later(100, 9_000, () -> {
            zooKeeper.startServer(server);
            zooKeeper.startServer(second);
        });
    }

    private void zooKeeperTrouble() {
        SimulatedZooKeeper zooKeeper = cluster.zooKeeper();
        switch (random.nextInt(3)) {
            case 0 -> {
                int server = random.nextInt(SimulatedZooKeeper.SERVERS);
                world.note(() -> "zookeeper: server " + server + " lags");
                zooKeeper.server(server).lagNanos = world.between(100, 3_000) * 1_000_000L;
                later(500, 6_000, () -> zooKeeper.server(server).lagNanos = 2_000_000L);
            }
            case 1 -> {
                zooKeeper.oneCommitLostIn = 1 + random.nextInt(6);
                later(500, 5_000, () -> zooKeeper.oneCommitLostIn = 0);
            }
            default -> {
                zooKeeper.slownessNanos = world.between(10, 2_000) * 1_000_000L;
                later(500, 5_000, () -> zooKeeper.slownessNanos = 0);
            }
        }
    }

    /** Somebody ends the session of a broker that is well. */
    private void expire(SimulatedBroker broker) {
        if (broker.isUp()) {
            broker.sessionEndsByForce();
        }
    }

    private void clock(SimulatedBroker broker) {
        broker.clock().offsetMillis = random.nextBoolean() ? 0 : world.between(-86_400_000L, 86_400_000L);
    }
}
