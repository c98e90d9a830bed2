package io.barnabas.broker.http;

import io.barnabas.broker.lag.LagMonitor;
import io.barnabas.consumer.coordinator.group.ConsumerProtocolCodec;
import io.barnabas.consumer.coordinator.group.ConsumerSubscription;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupDescription.ClassicMember;
import io.barnabas.consumer.coordinator.group.GroupDescription.ConsumerMember;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together what the coordinator knows of a group and what is thought of its lag, on workers. Waits for nobody. */
final class GroupInspector {
    private static final Logger LOG = LoggerFactory.getLogger(GroupInspector.class);
    private static final String DEAD = "Dead";

    private final GroupQueries groups;
    private final LagMonitor lag;
    private final Function<UUID, String> topicName;
    private final Executor workers;

    /**
     * @param topicName null for a topic that is not known
     * @param workers   put together what coordinators answer on their loops: a group may have a hundred thousand partitions
     */
    GroupInspector(GroupQueries groups, LagMonitor lag, Function<UUID, String> topicName, Executor workers) {
        this.groups = groups;
        this.lag = lag;
        this.topicName = topicName;
        this.workers = workers;
    }

    LagMonitor lag() {
        return lag;
    }

    void list(Consumer<Outcome<List<GroupDescription.Listed>>> then) {
        groups.list(
                reply(listed -> then.accept(Outcome.done(listed)), refusal -> then.accept(Outcome.refused(refusal))));
    }

    /** Refuses with GROUP_ID_NOT_FOUND if there is no such group. */
    void inspect(String groupId, Consumer<Outcome<GroupPicture>> then) {
        Consumer<Refusal> refused = refusal -> then.accept(Outcome.refused(refusal));
        groups.describeConsumer(
                groupId,
                reply(
                        consumer -> {
                            if (consumer.error() == null) {
                                onWorker(
                                        refused,
                                        () -> complete(groupId, consumer.state(), "consumer", owners(consumer), then));
                            } else {
                                inspectClassic(groupId, then, refused);
                            }
                        },
                        refused));
    }

    private void inspectClassic(String groupId, Consumer<Outcome<GroupPicture>> then, Consumer<Refusal> refused) {
        groups.describe(
                groupId,
                reply(
                        classic -> {
                            if (classic.error() != null || DEAD.equals(classic.state())) {
                                refused.accept(new Refusal(
                                        classic.error() == null ? Refusal.Reason.GROUP_ID_NOT_FOUND : classic.error(),
                                        classic.message()));
                            } else {
                                onWorker(
                                        refused,
                                        () -> complete(groupId, classic.state(), "classic", owners(classic), then));
                            }
                        },
                        refused));
    }

    private void onWorker(Consumer<Refusal> refused, Runnable work) {
        workers.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("what is known of a group could not be put together");
                refused.accept(Refusal.of(Refusal.Reason.UNKNOWN_SERVER_ERROR));
            }
        });
    }

    private void complete(
            String groupId,
            String state,
            String type,
            Map<TopicPartition, GroupPicture.Owner> owners,
            Consumer<Outcome<GroupPicture>> then) {
        lag.healthWithAges(
                groupId,
                health -> then.accept(
                        Outcome.done(new GroupPicture(groupId, state, type, owners, health, lag.rebalances(groupId)))));
    }

    private Map<TopicPartition, GroupPicture.Owner> owners(GroupDescription.Consumer group) {
        Map<TopicPartition, GroupPicture.Owner> owners = new HashMap<>();
        for (ConsumerMember member : group.members()) {
            var owner = new GroupPicture.Owner(member.memberId(), member.clientId(), member.clientHost());
            for (TopicPartitions assigned : member.assignment()) {
                String topic = topicName.apply(assigned.topicId());
                if (topic != null) {
                    assigned.partitions().forEach(number -> owners.put(new TopicPartition(topic, number), owner));
                }
            }
        }
        return owners;
    }

    /** Assignments of other protocols than the consumers' cannot be read; their partitions have no owner that is known. */
    private static Map<TopicPartition, GroupPicture.Owner> owners(GroupDescription.Classic group) {
        Map<TopicPartition, GroupPicture.Owner> owners = new HashMap<>();
        if (!ConsumerProtocolCodec.PROTOCOL_TYPE.equals(group.protocolType())) {
            return owners;
        }
        for (ClassicMember member : group.members()) {
            var owner = new GroupPicture.Owner(member.memberId(), member.clientId(), member.clientHost());
            ConsumerSubscription.Assignment assignment = ConsumerProtocolCodec.assignment(member.assignment());
            if (assignment != null) {
                assignment
                        .partitions()
                        .forEach((topic, numbers) -> numbers.stream()
                                .filter(number -> number >= 0)
                                .forEach(number -> owners.put(new TopicPartition(topic, number), owner)));
            }
        }
        return owners;
    }

    private static <A> Reply<A> reply(Consumer<A> answered, Consumer<Refusal> refused) {
        return new Reply<>() {
            @Override
            public void answer(A answer) {
                answered.accept(answer);
            }

            @Override
            public void refuse(Refusal refusal) {
                refused.accept(refusal);
            }
        };
    }
}
