package io.barnabas.benchmarks.compare;

import io.barnabas.coordination.ControllerLoop;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.coordination.zookeeper.ZooKeeperConfig;
import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.time.Clock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long a controller needs to take a cluster over, and to give the partitions of a failed broker to others, on a ZooKeeper server of
 * its own. Arguments: topics, partitions of each; 10 and 10,000 if there are none.
 */
public final class ControllerFailover {
    private static final List<BrokerId> BROKERS = List.of(new BrokerId(1), new BrokerId(2), new BrokerId(3));
    private static final int FIRST_PORT = 0;

    private ControllerFailover() {}

    public static void main(String[] args) throws Exception {
        int topics = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        int partitions = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        Path data = Files.createTempDirectory("controller-failover");
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(data, FIRST_PORT);
                Coordination store = connect(server);
                Coordination second = connect(server);
                Coordination third = connect(server);
                EventLoops.RunningLoop loop = EventLoops.start("controller")) {
            fill(store, topics, partitions);
            get(store.brokers().register(new BrokerRegistration(BROKERS.get(0), List.of(), null), null));
            long failing =
                    get(second.brokers().register(new BrokerRegistration(BROKERS.get(1), List.of(), null), null));
            get(third.brokers().register(new BrokerRegistration(BROKERS.get(2), List.of(), null), null));
            measure(store, loop, failing, topics * partitions);
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void measure(Coordination store, EventLoops.RunningLoop loop, long failing, int partitions)
            throws Exception {
        CompletableFuture<Void> tookOver = new CompletableFuture<>();
        CompletableFuture<Void> failedOver = new CompletableFuture<>();
        ControllerLoop controller = new ControllerLoop(
                BROKERS.get(0),
                store,
                (to, epoch, message) -> (message instanceof ClusterChange ? failedOver : tookOver).complete(null),
                new ControllerConfig(1, 1, true, false, ConfigCheck.none()),
                loop,
                Clock.system(),
                new Random(1));
        try (controller) {
            Clock clock = Clock.system();
            long started = clock.nanoTime();
            controller.start();
            get(tookOver);
            report("takeover", partitions, clock.nanoTime() - started);
            started = clock.nanoTime();
            controller.suspect(BROKERS.get(1), failing);
            get(failedOver);
            report("failover of one of three brokers", partitions, clock.nanoTime() - started);
        }
    }

    private static void report(String what, int partitions, long nanos) {
        System.out.printf("%s, %,d partitions: %d ms%n", what, partitions, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    private static void fill(Coordination store, int topics, int partitions) throws Exception {
        Term term = get(store.lease().acquire(BROKERS.get(0))).term();
        for (int each = 0; each < topics; each++) {
            String name = "topic-" + each;
            TreeMap<Integer, List<BrokerId>> assignment = new TreeMap<>();
            Map<TopicPartition, LeaderAndIsr> states = new HashMap<>();
            for (int number = 0; number < partitions; number++) {
                List<BrokerId> replicas = new ArrayList<>(BROKERS);
                Collections.rotate(replicas, number);
                assignment.put(number, replicas);
                states.put(new TopicPartition(name, number), new LeaderAndIsr(replicas.get(0), 0, replicas, 0));
            }
            get(store.topics().create(term, StoredTopic.fresh(name, new UUID(1, each), assignment), Map.of()));
            get(store.partitionStates().create(term, states));
        }
        get(store.lease().release(term));
    }

    private static Coordination connect(EmbeddedZooKeeper server) {
        return ZooKeeperCoordination.open(
                new ZooKeeperConfig(server.connectString(), 30_000, 30_000), null, Clock.system());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
}
