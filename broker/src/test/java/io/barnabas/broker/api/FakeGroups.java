package io.barnabas.broker.api;

import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.ConsumerHeartbeat;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupHeartbeat;
import io.barnabas.consumer.coordinator.group.JoinGroup;
import io.barnabas.consumer.coordinator.group.LeaveGroup;
import io.barnabas.consumer.coordinator.group.SyncGroup;
import io.barnabas.consumer.coordinator.offsets.CommitOffsets;
import io.barnabas.consumer.coordinator.offsets.DeleteOffsets;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.consumer.coordinator.offsets.GroupDeletion;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import java.util.ArrayList;
import java.util.List;

/** Keeps what is asked, and gives every question the answer or the refusal that the test has put there. */
final class FakeGroups implements GroupRequests {
    final List<Object> asked = new ArrayList<>();
    Object answer;
    Refusal.Reason refusal;
    int partition;

    @SuppressWarnings("unchecked") // the test knows what it asks
    private <A> void serve(Object question, Reply<A> reply) {
        asked.add(question);
        if (refusal != null) {
            reply.refuse(Refusal.of(refusal));
        } else {
            reply.answer((A) answer);
        }
    }

    @Override
    public int partitionFor(String groupId) {
        return partition;
    }

    @Override
    public void join(JoinGroup command, Reply<JoinGroup.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void sync(SyncGroup command, Reply<SyncGroup.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void consumerHeartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void commit(CommitOffsets command, Reply<CommitOffsets.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void fetchOffsets(FetchOffsets command, Reply<FetchOffsets.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void deleteOffsets(DeleteOffsets command, Reply<DeleteOffsets.Answer> reply) {
        serve(command, reply);
    }

    @Override
    public void deleteGroup(String groupId, Reply<GroupDeletion.Answer> reply) {
        serve(groupId, reply);
    }

    @Override
    public void describe(String groupId, Reply<GroupDescription.Classic> reply) {
        serve(groupId, reply);
    }

    @Override
    public void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply) {
        serve(groupId, reply);
    }

    @Override
    public void list(Reply<List<GroupDescription.Listed>> reply) {
        serve("list", reply);
    }
}
