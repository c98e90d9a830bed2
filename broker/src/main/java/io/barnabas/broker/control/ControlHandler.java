package io.barnabas.broker.control;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.log.LogConfig;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what controllers say, one message at a time, in the order they came. Obeyed is only the highest controller epoch seen
 * (CTRL-11), and only what was meant for this very registration. A missing message is noticed by its number; nothing is applied then
 * until the full state has come (CTRL-19).
 */
public final class ControlHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ControlHandler.class);

    private final LongSupplier brokerEpoch;
    private final CurrentCluster cluster;
    private final ReplicaAssignments assignments;
    private final Executor loop;
    private final Runnable askForFullState;

    /** Written by the loop only. */
    private volatile int controllerEpoch = -1;

    // touched by the loop only
    private boolean gap = true;

    /** The registration to which the last full state was addressed: messages are counted for each anew. */
    private long stateAddressee = -1;

    /**
     * @param brokerEpoch     of this broker's current registration
     * @param loop            runs one task at a time; may be blocked by disks
     * @param askForFullState has the controller send everything again
     */
    public ControlHandler(
            LongSupplier brokerEpoch,
            CurrentCluster cluster,
            ReplicaAssignments assignments,
            Executor loop,
            Runnable askForFullState) {
        this.brokerEpoch = brokerEpoch;
        this.cluster = cluster;
        this.assignments = assignments;
        this.loop = loop;
        this.askForFullState = askForFullState;
    }

    /** Called by any thread; the messages of one controller by one after the other. */
    public void receive(long addressee, ControlMessage message) {
        receive(addressee, message, refusal -> {});
    }

    /**
     * As above.
     *
     * @param onApplied told when it is applied, with null, or why it was not; on the loop, or at once if the broker is stopping
     */
    public void receive(long addressee, ControlMessage message, Consumer<Refusal> onApplied) {
        try {
            loop.execute(() -> {
                Refusal refusal;
                try {
                    refusal = apply(addressee, message);
                } catch (RuntimeException | Error failed) {
                    onApplied.accept(new Refusal(Refusal.Reason.UNKNOWN_SERVER_ERROR, "it could not be applied"));
                    throw failed;
                }
                onApplied.accept(refusal);
            });
        } catch (RejectedExecutionException stopping) {
            LOG.atDebug().addKeyValue("sequence", message.sequence()).log("stopping, nothing is applied any more");
            onApplied.accept(new Refusal(Refusal.Reason.UNKNOWN_SERVER_ERROR, "this broker is stopping"));
        }
    }

    /** Runs when all that was received before has been applied, and what that put off is done; not at all if the broker is stopping. */
    public void afterwards(Runnable action) {
        try {
            loop.execute(action);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("stopping, nobody is told any more");
        }
    }

    /** The highest that was obeyed; -1 before the first. Any thread. */
    public int controllerEpoch() {
        return controllerEpoch;
    }

    /** @return null if it was applied */
    Refusal apply(long addressee, ControlMessage message) {
        Refusal refusal = judge(addressee, message);
        if (refusal != null) {
            LOG.atWarn()
                    .addKeyValue("controller", message.controller())
                    .addKeyValue("controllerEpoch", message.controllerEpoch())
                    .addKeyValue("sequence", message.sequence())
                    .addKeyValue("reason", refusal.reason())
                    .log("did not obey a message of a controller");
            return refusal;
        }
        try {
            if (message instanceof ClusterState state) {
                applyState(state);
            } else if (message instanceof ClusterChange change && !isApplied(change)) {
                applyChange(change);
            }
            return null;
        } catch (RuntimeException | Error failed) {
            // half applied: the next thing we obey has to be complete
            gap = true;
            LOG.atError()
                    .addKeyValue("sequence", message.sequence())
                    .setCause(failed)
                    .log("a message of the controller failed");
            askForFullState.run();
            throw failed;
        }
    }

    private Refusal judge(long addressee, ControlMessage message) {
        if (message.controllerEpoch() < controllerEpoch) {
            return new Refusal(
                    Refusal.Reason.STALE_CONTROLLER_EPOCH,
                    "controller epoch " + message.controllerEpoch() + " is over, " + controllerEpoch + " has spoken");
        }
        if (addressee != brokerEpoch.getAsLong()) {
            return new Refusal(
                    Refusal.Reason.STALE_BROKER_EPOCH,
                    "meant for an earlier registration of this broker: " + addressee);
        }
        if (message.controllerEpoch() > controllerEpoch) {
            LOG.atInfo()
                    .addKeyValue("controller", message.controller())
                    .addKeyValue("controllerEpoch", message.controllerEpoch())
                    .log("obeying a new controller");
            controllerEpoch = message.controllerEpoch();
            gap = true;
        }
        if (message instanceof ClusterState) {
            stateAddressee = addressee;
            return null;
        }
        if (addressee != stateAddressee) {
            gap = true;
        }
        if (!gap && isApplied(message)) {
            return null;
        }
        if (!gap && ((ClusterChange) message).follows() != cluster.view().sequence()) {
            gap = true;
            LOG.atWarn()
                    .addKeyValue("last", cluster.view().sequence())
                    .addKeyValue("sequence", message.sequence())
                    .log("missed a message of the controller, asking for the full state");
            askForFullState.run();
        }
        return gap ? new Refusal(Refusal.Reason.INVALID_REQUEST, "waiting for the full state") : null;
    }

    /** Whether it has come a second time: its answer was lost with the channel. */
    private boolean isApplied(ControlMessage message) {
        return message.controllerEpoch() == cluster.view().controllerEpoch()
                && message.sequence() <= cluster.view().sequence();
    }

    private void applyState(ClusterState state) {
        ClusterView next = ClusterPainter.paint(state);
        assignments.applyAll(next, newOnes(state.topics()));
        cluster.replace(next);
        gap = false;
        LOG.atInfo()
                .addKeyValue("controller", state.controller())
                .addKeyValue("controllerEpoch", state.controllerEpoch())
                .addKeyValue("brokers", state.brokers().size())
                .addKeyValue("topics", state.topics().size())
                .log("took the full state of the cluster");
    }

    private void applyChange(ClusterChange change) {
        ClusterView before = cluster.view();
        ClusterView next = ClusterPainter.paint(before, change);
        for (UUID deleted : change.deletedTopics()) {
            ClusterView.Topic topic = before.topic(deleted);
            if (topic != null) {
                assignments.delete(topic);
                LOG.atInfo()
                        .addKeyValue("topic", topic.name())
                        .addKeyValue("topicId", deleted)
                        .log("topic deleted");
            }
        }
        LogConfig defaults = assignments.defaults(next.configs());
        Set<TopicPartition> isNew = newOnes(change.topics());
        for (TopicInfo changed : change.topics()) {
            ClusterView.Topic topic = next.topic(changed.name());
            List<ClusterView.Partition> partitions = new ArrayList<>();
            changed.partitions().forEach(partition -> partitions.add(topic.partition(partition.partition())));
            assignments.apply(topic, partitions, next.configs(), defaults, isNew);
        }
        if (!change.configs().isEmpty()) {
            assignments.reconfigure(next.configs());
        }
        cluster.replace(next);
    }

    private static Set<TopicPartition> newOnes(List<TopicInfo> topics) {
        Set<TopicPartition> isNew = new HashSet<>();
        for (TopicInfo topic : topics) {
            topic.partitions().stream()
                    .filter(partition -> partition.isNew())
                    .forEach(partition -> isNew.add(new TopicPartition(topic.name(), partition.partition())));
        }
        return isNew;
    }
}
