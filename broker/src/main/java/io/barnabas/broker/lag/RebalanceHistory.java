package io.barnabas.broker.lag;

import io.barnabas.consumer.coordinator.group.RebalanceReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The latest rebalances of each group, of a bounded number of groups: those that rebalanced last. Thread-safe. */
final class RebalanceHistory {
    private final int mostOfOneGroup;
    private final int mostGroups;

    /** In order of their latest rebalance. */
    private final Map<String, Deque<RebalanceReport>> byGroup = new LinkedHashMap<>();

    RebalanceHistory(int mostOfOneGroup, int mostGroups) {
        this.mostOfOneGroup = mostOfOneGroup;
        this.mostGroups = mostGroups;
    }

    synchronized void add(RebalanceReport report) {
        Deque<RebalanceReport> reports = byGroup.remove(report.groupId());
        if (reports == null) {
            reports = new ArrayDeque<>(2);
            if (byGroup.size() >= mostGroups) {
                byGroup.remove(byGroup.keySet().iterator().next());
            }
        } else if (reports.size() >= mostOfOneGroup) {
            reports.removeFirst();
        }
        reports.addLast(report);
        byGroup.put(report.groupId(), reports);
    }

    /** The latest first. */
    synchronized List<RebalanceReport> of(String groupId) {
        List<RebalanceReport> reports = new ArrayList<>(byGroup.getOrDefault(groupId, new ArrayDeque<>()));
        Collections.reverse(reports);
        return reports;
    }

    synchronized void forgetIf(Predicate<String> group) {
        byGroup.keySet().removeIf(group);
    }

    synchronized void forget(String groupId) {
        byGroup.remove(groupId);
    }
}
