package io.barnabas.consumer.coordinator.group;

import io.barnabas.model.Refusal;
import java.util.List;

/** Members leave; several at once only where an administrator removes them, or from version 3 on. */
public record LeaveGroup(String groupId, List<Leaver> leavers) {
    public LeaveGroup {
        leavers = List.copyOf(leavers);
    }

    /**
     * @param memberId        "" where only the instance is known
     * @param groupInstanceId null for a dynamic member
     * @param reason          null if not given
     */
    public record Leaver(String memberId, String groupInstanceId, String reason) {}

    /** @param error of the request as a whole; null if each leaver has its own */
    public record Answer(Refusal.Reason error, List<Left> members) {
        public Answer {
            members = List.copyOf(members);
        }

        /** There is no such group, and so none of them is a member of it. */
        static Answer nobody(List<Leaver> leavers) {
            return new Answer(
                    null,
                    leavers.stream()
                            .map(leaver -> new Left(
                                    leaver.memberId(), leaver.groupInstanceId(), Refusal.Reason.UNKNOWN_MEMBER_ID))
                            .toList());
        }
    }

    /** @param error null if it has left */
    public record Left(String memberId, String groupInstanceId, Refusal.Reason error) {}
}
