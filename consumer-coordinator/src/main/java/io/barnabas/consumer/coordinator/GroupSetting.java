package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.group.GroupConfig;
import io.barnabas.consumer.coordinator.group.GroupSettings;
import io.barnabas.consumer.coordinator.offsets.OffsetConfig;
import java.util.function.BooleanSupplier;

/**
 * What every shard is made from.
 *
 * @param settings        that single groups have of their own
 * @param commitTimeoutMs {@code offsets.commit.timeout.ms}: after it an answer is given up, though not what was written
 * @param mayJoin         whether groups may get members that speak the consumer protocol just now; asked on the group's loop
 */
public record GroupSetting(
        GroupConfig groups,
        OffsetConfig offsets,
        GroupSettings settings,
        long commitTimeoutMs,
        BooleanSupplier mayJoin) {
    public static final GroupSetting DEFAULT =
            new GroupSetting(GroupConfig.DEFAULT, OffsetConfig.DEFAULT, GroupSettings.NONE, 5_000, () -> true);

    Assignors assignors() {
        return Assignors.of(groups.consumer().assignors());
    }
}
