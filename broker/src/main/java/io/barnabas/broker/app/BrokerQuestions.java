package io.barnabas.broker.app;

import io.barnabas.broker.group.LocalDowngrade;
import io.barnabas.broker.http.HttpAnswer;
import io.barnabas.broker.http.HttpQuery;
import io.barnabas.broker.http.HttpRoutes;
import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.coordination.control.PartitionEnds;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Answers what other brokers ask of this one: how far its logs reach, what it would tell over HTTP, and its part of a downgrade. Any thread. */
public final class BrokerQuestions {
    private static final int BAD_REQUEST = 400;

    private final LogEnds ends;
    private final HttpRoutes pages;
    private final LocalDowngrade downgrade;

    /**
     * @param ends  of the logs that this broker leads
     * @param pages of this broker alone
     */
    public BrokerQuestions(LogEnds ends, HttpRoutes pages, LocalDowngrade downgrade) {
        this.ends = ends;
        this.pages = pages;
        this.downgrade = downgrade;
    }

    /** @return null if it is no question of this kind */
    CompletionStage<PeerReply> answer(PeerRequest request) {
        if (request instanceof PeerRequest.FindEnds question) {
            return CompletableFuture.completedFuture(new PeerReply.Ends(ends(question.partitions())));
        }
        if (request instanceof PeerRequest.FindRecordTime question) {
            CompletableFuture<PeerReply> reply = new CompletableFuture<>();
            ends.timestampAt(
                    question.partition(),
                    question.offset(),
                    timestamp -> reply.complete(new PeerReply.RecordTime(timestamp)));
            return reply;
        }
        if (request instanceof PeerRequest.GetPage question) {
            return page(question.target());
        }
        if (request instanceof PeerRequest.PrepareDowngrade order) {
            return downgrade
                    .prepare(order.feature(), order.level(), order.partitions(), order.holdMs())
                    .thenApply(BrokerQuestions::acceptedUnless);
        }
        if (request instanceof PeerRequest.EndDowngrade order) {
            downgrade.end(order.feature(), order.level(), order.stored());
            return CompletableFuture.completedFuture(new PeerReply.Accepted());
        }
        return null;
    }

    private List<PartitionEnds> ends(Set<TopicPartition> partitions) {
        List<PartitionEnds> found = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            LogEnd end = ends.find(partition);
            if (end != null) {
                found.add(new PartitionEnds(partition, end.startOffset(), end.endOffset()));
            }
        }
        return found;
    }

    private CompletionStage<PeerReply> page(String target) {
        CompletableFuture<PeerReply> reply = new CompletableFuture<>();
        HttpQuery query = HttpQuery.parse(target);
        if (query == null) {
            HttpAnswer bad = HttpAnswer.error(BAD_REQUEST, "no path");
            reply.complete(new PeerReply.Page(bad.status(), bad.body()));
        } else {
            pages.answer(query, answer -> reply.complete(new PeerReply.Page(answer.status(), answer.body())));
        }
        return reply;
    }

    private static PeerReply acceptedUnless(Refusal refusal) {
        return refusal == null ? new PeerReply.Accepted() : new PeerReply.Refused(refusal);
    }
}
