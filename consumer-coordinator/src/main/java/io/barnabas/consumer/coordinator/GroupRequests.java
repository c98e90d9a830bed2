package io.barnabas.consumer.coordinator;

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
import io.barnabas.runtime.replicated.Reply;
import java.util.List;

/**
 * Everything that clients can ask of consumer groups. Any thread may ask; the answer comes at once or later, on any thread. What is refused, is
 * refused because the group's coordinator is not here, or not able to work just now (GROUP-03, GROUP-06).
 */
public interface GroupRequests {
    /** Which partition of {@code __consumer_offsets} holds the group (GROUP-01); -1 while nobody knows how many there are. */
    int partitionFor(String groupId);

    void join(JoinGroup command, Reply<JoinGroup.Answer> reply);

    void sync(SyncGroup command, Reply<SyncGroup.Answer> reply);

    void heartbeat(GroupHeartbeat command, Reply<GroupHeartbeat.Answer> reply);

    void leave(LeaveGroup command, Reply<LeaveGroup.Answer> reply);

    void consumerHeartbeat(ConsumerHeartbeat command, Reply<ConsumerHeartbeat.Answer> reply);

    void commit(CommitOffsets command, Reply<CommitOffsets.Answer> reply);

    void fetchOffsets(FetchOffsets command, Reply<FetchOffsets.Answer> reply);

    void deleteOffsets(DeleteOffsets command, Reply<DeleteOffsets.Answer> reply);

    void deleteGroup(String groupId, Reply<GroupDeletion.Answer> reply);

    void describe(String groupId, Reply<GroupDescription.Classic> reply);

    void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply);

    /** All groups that are coordinated here. */
    void list(Reply<List<GroupDescription.Listed>> reply);
}
