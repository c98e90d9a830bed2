package io.barnabas.consumer.coordinator.group;

import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;

/**
 * Deadlines of members that have to be heard of. A heartbeat only moves the deadline; the member's one timer finds out when it fires whether it is
 * time, and starts again for what is left.
 */
final class Sessions {
    private Sessions() {}

    /** The member was heard of. One that waits for its first round has longer anyway. */
    static void refresh(String groupId, ClassicMember member, Turn<?> turn) {
        if (!member.isNew) {
            extend(groupId, member, member.sessionTimeoutMs(), turn);
        }
    }

    /** The member may be silent for {@code millis} from now on. */
    static void extend(String groupId, ClassicMember member, long millis, Turn<?> turn) {
        member.deadlineMillis = turn.monotonicMillis() + millis;
        if (member.deadlineMillis < member.timerMillis) {
            start(groupId, member, millis, turn);
        }
    }

    /** Sets the member's timer whatever it was before. */
    static void start(String groupId, ClassicMember member, long millis, Turn<?> turn) {
        turn.startTimer(key(groupId, member.memberId), millis);
        member.timerMillis = turn.monotonicMillis() + millis;
    }

    static void stop(String groupId, ClassicMember member, Turn<?> turn) {
        turn.cancelTimer(key(groupId, member.memberId));
        member.timerMillis = ClassicMember.NEVER;
    }

    /** The member's timer has fired. Whether its session is over; if not, the timer runs again. */
    static boolean isOver(String groupId, ClassicMember member, Turn<?> turn) {
        member.timerMillis = ClassicMember.NEVER;
        if (member.isWaiting() && !member.isNew) {
            extend(groupId, member, member.sessionTimeoutMs(), turn);
            return false;
        }
        long left = member.deadlineMillis - turn.monotonicMillis();
        if (member.deadlineMillis != ClassicMember.NEVER && left > 0) {
            start(groupId, member, left, turn);
            return false;
        }
        return true;
    }

    private static TimerKey key(String groupId, String memberId) {
        return new TimerKey(groupId, ClassicProtocol.Due.SESSION, memberId);
    }
}
