package io.barnabas.consumer.coordinator.group;

import java.util.UUID;

/**
 * Leads a member one step towards what it is to own (GROUP-30): first it gives up what others are to get, and only when it has said that it no longer
 * owns it, it gets what nobody else holds.
 */
final class Reconciliation {
    private Reconciliation() {}

    /** Who holds a partition. */
    interface Owners {
        /** @return a member id; null if nobody does */
        String of(UUID topicId, int partition);
    }

    /**
     * The member after it has said what it owns.
     *
     * @param target    what it is to own at {@code targetEpoch}
     * @param owned     what it says it owns; null if it does not say
     * @param toldEpoch the epoch that it says it is at: that, and only that, may be repeated if the answer gets lost
     * @return the same object if there is nothing to do, or nothing can be done yet
     */
    static ConsumerMember next(
            ConsumerMember member,
            int targetEpoch,
            PartitionSet target,
            PartitionSet owned,
            int toldEpoch,
            Owners owners) {
        switch (member.state()) {
            case STABLE:
                if (member.epoch() == targetEpoch) {
                    return member;
                }
                break;
            case UNREVOKED:
                if (owned == null || owned.intersects(member.revoking())) {
                    return member;
                }
                break;
            case UNRELEASED:
                break;
        }
        PartitionSet kept = member.assigned().and(target);
        PartitionSet revoked = member.assigned().minus(target);
        if (!revoked.isEmpty() && (owned == null || owned.intersects(revoked))) {
            return member.assigned(
                    member.epoch(), member.previousEpoch(), ConsumerMember.State.UNREVOKED, kept, revoked);
        }
        PartitionSet missing = target.minus(kept);
        PartitionSet free = missing.filter((topic, partition) -> {
            String owner = owners.of(topic, partition);
            return owner == null || owner.equals(member.memberId());
        });
        ConsumerMember.State state =
                free.size() == missing.size() ? ConsumerMember.State.STABLE : ConsumerMember.State.UNRELEASED;
        if (state == member.state() && member.epoch() == targetEpoch && free.isEmpty() && revoked.isEmpty()) {
            return member;
        }
        int previousEpoch = member.epoch() == targetEpoch ? member.previousEpoch() : toldEpoch;
        return member.assigned(targetEpoch, previousEpoch, state, kept.plus(free), PartitionSet.NONE);
    }
}
