package io.barnabas.consumer.coordinator;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Takes the consumer protocol back from all groups: first every partition is asked for groups that still speak it, and only if there is none,
 * each partition makes its empty ones classic. Somebody else sees to it that none is joined meanwhile.
 */
final class ConsumerDowngrade {
    /** More groups than these are counted, not named. */
    private static final int NAMED = 10;

    private final List<Integer> partitions;
    private final IntFunction<Leadership> ledHere;
    private final Reply<Boolean> reply;

    private ConsumerDowngrade(List<Integer> partitions, IntFunction<Leadership> ledHere, Reply<Boolean> reply) {
        this.partitions = partitions;
        this.ledHere = ledHere;
        this.reply = reply;
    }

    /**
     * @param partitions of {@code __consumer_offsets}; each has to be led here, and loaded
     * @param ledHere    null for a partition that is not
     * @param reply      answered when all that was written is committed
     */
    static void run(List<Integer> partitions, IntFunction<Leadership> ledHere, Reply<Boolean> reply) {
        new ConsumerDowngrade(partitions, ledHere, reply).look();
    }

    private void look() {
        List<Leadership> all = leaderships();
        if (all == null) {
            return;
        }
        Gathering<List<String>> spoken = new Gathering<>(all.size(), new Reply<>() {
            @Override
            public void answer(List<List<String>> groups) {
                List<String> names =
                        groups.stream().flatMap(List::stream).sorted().toList();
                if (names.isEmpty()) {
                    convert();
                } else {
                    reply.refuse(new Refusal(Refusal.Reason.NON_EMPTY_GROUP, complaint(names)));
                }
            }

            @Override
            public void refuse(Refusal refusal) {
                reply.refuse(refusal);
            }
        });
        for (Leadership leadership : all) {
            Reply<List<String>> part = strict(spoken.part(), leadership.partition());
            leadership.shard().submit((machine, turn) -> turn.answerAtOnce(part, machine.spokenTo()), part);
        }
    }

    private void convert() {
        List<Leadership> all = leaderships();
        if (all == null) {
            return;
        }
        Gathering<Boolean> done = new Gathering<>(all.size(), new Reply<>() {
            @Override
            public void answer(List<Boolean> converted) {
                reply.answer(true);
            }

            @Override
            public void refuse(Refusal refusal) {
                reply.refuse(refusal);
            }
        });
        for (Leadership leadership : all) {
            Reply<Boolean> part = strict(done.part(), leadership.partition());
            leadership
                    .shard()
                    .submit(
                            (machine, turn) -> {
                                Refusal refusal = machine.downgradeAll(turn);
                                if (refusal == null) {
                                    turn.answer(part, true);
                                } else {
                                    part.refuse(refusal);
                                }
                            },
                            part);
        }
    }

    /** Null if they are not all here, and {@link #reply} knows it. */
    private List<Leadership> leaderships() {
        List<Leadership> all = new ArrayList<>();
        for (int partition : partitions) {
            Leadership leadership = ledHere.apply(partition);
            if (leadership == null) {
                reply.refuse(notHere(partition));
                return null;
            }
            all.add(leadership);
        }
        return all;
    }

    /** What is no longer here does not count as having nothing. */
    private static <A> Reply<A> strict(Reply<A> part, int partition) {
        return new MappedReply<>(part, refusal -> switch (refusal.reason()) {
            case NOT_COORDINATOR -> notHere(partition);
            case COORDINATOR_LOAD_IN_PROGRESS ->
                new Refusal(refusal.reason(), "The groups of __consumer_offsets-" + partition + " are being loaded.");
            default -> refusal;
        });
    }

    private static Refusal notHere(int partition) {
        return new Refusal(
                Refusal.Reason.COORDINATOR_NOT_AVAILABLE,
                "The groups of __consumer_offsets-" + partition + " are not coordinated by this broker.");
    }

    private static String complaint(List<String> groups) {
        String named = String.join(", ", groups.subList(0, Math.min(NAMED, groups.size())));
        return (groups.size() == 1 ? "Group " : "Groups ") + named
                + (groups.size() > NAMED ? " and " + (groups.size() - NAMED) + " more" : "")
                + (groups.size() == 1 ? " has" : " have") + " members that speak the consumer protocol.";
    }
}
