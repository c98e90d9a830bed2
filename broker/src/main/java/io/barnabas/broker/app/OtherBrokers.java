package io.barnabas.broker.app;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.group.ConsumerProtocolDowngrade;
import io.barnabas.broker.http.ClusterRoutes;
import io.barnabas.broker.http.HttpAnswer;
import io.barnabas.broker.lag.ClusterLogEnds;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.peer.PeerInquiries;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.coordination.control.PartitionEnds;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this broker asks the others that is not for the controller; {@link BrokerQuestions} answers it there. */
public final class OtherBrokers
        implements ClusterLogEnds.Leaders, ClusterRoutes.OtherBrokers, ConsumerProtocolDowngrade.Brokers {
    private static final Logger LOG = LoggerFactory.getLogger(OtherBrokers.class);

    /** A page without those who need longer is better than none. */
    private static final long PAGE_TIMEOUT_MS = 3_000;

    private static final long DOWNGRADE_TIMEOUT_MS = 30_000;

    /** Who is not told how a downgrade ended goes on as before after this: longer than all of it may take. */
    private static final long DOWNGRADE_HOLD_MS = 4 * DOWNGRADE_TIMEOUT_MS;

    private static final short OFF = 0;

    private final BrokerId self;
    private final CurrentCluster cluster;
    private final PeerInquiries inquiries;
    private final ToIntFunction<String> partitionOfGroup;

    /** @param partitionOfGroup -1 while that is not known */
    public OtherBrokers(
            BrokerId self, CurrentCluster cluster, PeerInquiries inquiries, ToIntFunction<String> partitionOfGroup) {
        this.self = self;
        this.cluster = cluster;
        this.inquiries = inquiries;
        this.partitionOfGroup = partitionOfGroup;
    }

    @Override
    public List<BrokerId> all() {
        return cluster.view().brokers().stream()
                .map(ClusterView.Broker::id)
                .filter(broker -> !broker.equals(self))
                .toList();
    }

    @Override
    public BrokerId coordinatorOf(String groupId) {
        int partition = partitionOfGroup.applyAsInt(groupId);
        return partition < 0 ? BrokerId.NONE : leaderOf(new TopicPartition(InternalTopics.OFFSETS, partition));
    }

    /** {@link BrokerId#NONE} if nobody is known to lead it. */
    BrokerId leaderOf(TopicPartition id) {
        ClusterView.Partition partition = cluster.view().partition(id);
        return partition == null ? BrokerId.NONE : partition.leader();
    }

    @Override
    public CompletionStage<HttpAnswer> get(BrokerId broker, String target) {
        return inquiries
                .ask(broker, new PeerRequest.GetPage(target), PAGE_TIMEOUT_MS)
                .thenApply(reply ->
                        reply instanceof PeerReply.Page page ? new HttpAnswer(page.status(), page.body()) : null);
    }

    @Override
    public CompletionStage<List<PartitionEnds>> ends(BrokerId leader, Set<TopicPartition> partitions) {
        return inquiries
                .ask(leader, new PeerRequest.FindEnds(partitions), PAGE_TIMEOUT_MS)
                .thenApply(reply -> reply instanceof PeerReply.Ends ends ? ends.ends() : List.of());
    }

    @Override
    public CompletionStage<Long> timestampAt(BrokerId leader, TopicPartition partition, long offset) {
        return inquiries
                .ask(leader, new PeerRequest.FindRecordTime(partition, offset), PAGE_TIMEOUT_MS)
                .thenApply(reply ->
                        reply instanceof PeerReply.RecordTime time ? time.timestampMs() : LogEnds.NO_TIMESTAMP);
    }

    @Override
    public CompletionStage<Refusal> prepare(BrokerId broker, List<Integer> partitions) {
        return inquiries
                .ask(
                        broker,
                        new PeerRequest.PrepareDowngrade(
                                FeatureLevels.GROUP_VERSION, OFF, partitions, DOWNGRADE_HOLD_MS),
                        DOWNGRADE_TIMEOUT_MS)
                .thenApply(reply -> {
                    if (reply instanceof PeerReply.Accepted) {
                        return null;
                    }
                    return reply instanceof PeerReply.Refused refused
                            ? refused.refusal()
                            : new Refusal(
                                    Refusal.Reason.UNKNOWN_SERVER_ERROR,
                                    "Broker " + broker + " answered something else.");
                });
    }

    @Override
    public void end(BrokerId broker, boolean stored) {
        inquiries
                .ask(
                        broker,
                        new PeerRequest.EndDowngrade(FeatureLevels.GROUP_VERSION, OFF, stored),
                        DOWNGRADE_TIMEOUT_MS)
                .thenAccept(reply -> {
                    if (!(reply instanceof PeerReply.Accepted)) {
                        LOG.atWarn()
                                .addKeyValue("broker", broker)
                                .addKeyValue("reply", reply)
                                .log("a broker was not told that a downgrade is over; it will go on by itself");
                    }
                });
    }
}
