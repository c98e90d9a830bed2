package io.barnabas.consumer.coordinator.assignor;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Gives everyone as nearly as many partitions as subscriptions permit, and takes from a member only what balance asks for.
 *
 * <p>In order of importance: no member has two partitions more than another that could take one of them, be it through others; as few partitions as
 * possible move; partitions are read within their rack; a topic is spread over many members. The task is worked out by {@link Balance}.
 */
public final class UniformAssignor implements Assignor {
    public static final String NAME = "uniform";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Map<UUID, Set<Integer>>> assign(AssignmentTask task) {
        Balance balance = new Balance(task);
        balance.keepCurrent();
        balance.dealOut();
        boolean more = true;
        while (more) {
            more = balance.level();
        }
        balance.settle();
        return balance.result();
    }
}
