package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.group.ConsumerBench.Beat;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.List;
import java.util.Set;

/** Speaks the consumer protocol as Kafka's Java client does: says what it owns when that has changed, and everything after an answer was lost. */
final class SimulatedConsumer extends SimulatedClient {
    final String memberId;
    int epoch;
    boolean saysAll = true;
    int fenced;

    /** When it is to come again. */
    int intervalMs;

    private PartitionSet said = PartitionSet.NONE;
    private CapturedReply<ConsumerHeartbeat.Answer> open;

    SimulatedConsumer(ConsumerBench bench, String memberId, Set<String> topics) {
        super(bench, topics);
        this.memberId = memberId;
    }

    @Override
    void act() {
        if (open != null) {
            if (open.isWaiting()) {
                return;
            }
            take();
            return;
        }
        if (!isSlow) {
            giveUp();
        }
        Beat beat = Beat.at(memberId, epoch);
        if (saysAll || epoch == 0) {
            beat.timeout(ConsumerBench.REBALANCE_MS)
                    .topics(topics.toArray(new String[0]))
                    .regex(regex);
        }
        if (epoch == 0) {
            beat.owned(List.of());
        } else if (saysAll || !said.equals(owned)) {
            beat.owned(owned.toList());
        }
        said = owned;
        saysAll = false;
        open = bench.ask(beat.build());
        if (!open.isWaiting()) {
            take();
        }
    }

    private void take() {
        CapturedReply<ConsumerHeartbeat.Answer> reply = open;
        open = null;
        if (losesAnswer || reply.isRefused()) {
            losesAnswer = false;
            saysAll = true;
            return;
        }
        ConsumerHeartbeat.Answer answer = reply.answer();
        if (answer.error() == null) {
            epoch = answer.memberEpoch();
            intervalMs = answer.heartbeatIntervalMs();
            if (answer.assignment() != null) {
                hear(PartitionSet.of(answer.assignment()));
            }
        } else if (answer.error() == Refusal.Reason.FENCED_MEMBER_EPOCH
                || answer.error() == Refusal.Reason.UNKNOWN_MEMBER_ID
                || answer.error() == Refusal.Reason.GROUP_ID_NOT_FOUND) {
            fenced++;
            dropAll();
            epoch = 0;
        } else {
            throw new AssertionError(memberId + " was answered " + answer);
        }
    }

    @Override
    void subscribe(Set<String> newTopics) {
        topics = newTopics;
        saysAll = true;
    }

    @Override
    void onDeleted(String topic) {
        // it knows topics by their ids
    }

    @Override
    void leave() {
        dropAll();
        if (epoch > 0) {
            bench.ask(Beat.at(memberId, -1).build());
        }
    }

    @Override
    public String toString() {
        return memberId + "@" + epoch + " owns " + owned + ", was told " + told;
    }
}
