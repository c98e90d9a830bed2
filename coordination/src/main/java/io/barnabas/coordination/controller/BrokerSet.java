package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The registered brokers. One that came back before its end was digested is known, but does not count as live until its
 * failure is (CTRL-16, REPL-25).
 */
final class BrokerSet {
    private final SortedMap<BrokerId, BrokerInfo> registered = new TreeMap<>();
    private final Set<BrokerId> shuttingDown = new HashSet<>();

    /** Those whose present registration is suspected to be dead (FFD-04); forgotten with the term (FFD-11). */
    private final Set<BrokerId> fenced = new HashSet<>();

    /** Brokers that came back, and the partitions whose state still shows the registration before. */
    private final Map<BrokerId, Set<TopicPartition>> restarting = new HashMap<>();

    /** Takes in who is registered now, by id and epoch. Restarted brokers do not count as live from here on. */
    Difference update(Collection<BrokerInfo> now) {
        Difference difference = new Difference(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        SortedMap<BrokerId, BrokerInfo> next = new TreeMap<>();
        for (BrokerInfo broker : now) {
            next.put(broker.id(), broker.withLastShutdown(LastShutdown.CLEAN));
            BrokerInfo before = registered.get(broker.id());
            if (before == null) {
                difference.started.add(broker);
            } else if (before.brokerEpoch() != broker.brokerEpoch()) {
                difference.restarted.add(broker);
            }
        }
        for (BrokerId id : registered.keySet()) {
            if (!next.containsKey(id)) {
                difference.gone.add(id);
            }
        }
        registered.clear();
        registered.putAll(next);
        for (BrokerId id : difference.gone) {
            restarting.remove(id);
            shuttingDown.remove(id);
            fenced.remove(id);
        }
        for (BrokerInfo broker : difference.restarted) {
            restarting.put(broker.id(), new HashSet<>());
            shuttingDown.remove(broker.id());
            fenced.remove(broker.id());
        }
        return difference;
    }

    Standing standing(BrokerId id) {
        if (!registered.containsKey(id)) {
            return Standing.GONE;
        }
        if (restarting.containsKey(id)) {
            return Standing.RETURNING;
        }
        if (fenced.contains(id)) {
            return Standing.SUSPECTED;
        }
        return shuttingDown.contains(id) ? Standing.LEAVING : Standing.STAYING;
    }

    boolean isLive(BrokerId id) {
        return standing(id).isLive();
    }

    boolean isStaying(BrokerId id) {
        return standing(id) == Standing.STAYING;
    }

    boolean isRegistered(BrokerId id, long brokerEpoch) {
        BrokerInfo broker = registered.get(id);
        return broker != null && broker.brokerEpoch() == brokerEpoch;
    }

    Collection<BrokerInfo> registered() {
        return registered.values();
    }

    List<BrokerInfo> staying() {
        return registered.values().stream()
                .filter(broker -> isStaying(broker.id()))
                .toList();
    }

    void beginShutdown(BrokerId id) {
        shuttingDown.add(id);
    }

    void fence(BrokerId id) {
        fenced.add(id);
    }

    boolean isFenced(BrokerId id) {
        return fenced.contains(id);
    }

    /** The failure of {@code broker} is not digested before {@code partition} is settled. */
    void awaitSettled(BrokerId broker, TopicPartition partition) {
        restarting.get(broker).add(partition);
    }

    void settled(TopicPartition partition) {
        for (Set<TopicPartition> outstanding : restarting.values()) {
            outstanding.remove(partition);
        }
    }

    /** Restarted brokers whose failure is digested; they count as live from here on. */
    List<BrokerInfo> admitRestarted() {
        List<BrokerInfo> admitted = new ArrayList<>();
        restarting.entrySet().removeIf(entry -> {
            if (entry.getValue().isEmpty()) {
                admitted.add(registered.get(entry.getKey()));
                return true;
            }
            return false;
        });
        return admitted;
    }

    /** What is different between two readings. */
    record Difference(List<BrokerId> gone, List<BrokerInfo> restarted, List<BrokerInfo> started) {}
}
