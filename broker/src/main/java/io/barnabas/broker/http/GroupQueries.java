package io.barnabas.broker.http;

import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.runtime.replicated.Reply;
import java.util.List;

/** Port to the coordinator of groups; its methods of the same names. Answers come on any thread. */
public interface GroupQueries {
    void list(Reply<List<GroupDescription.Listed>> reply);

    void describe(String groupId, Reply<GroupDescription.Classic> reply);

    void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply);

    /** Those of a coordinator. */
    static GroupQueries of(GroupCoordinator coordinator) {
        return new GroupQueries() {
            @Override
            public void list(Reply<List<GroupDescription.Listed>> reply) {
                coordinator.list(reply);
            }

            @Override
            public void describe(String groupId, Reply<GroupDescription.Classic> reply) {
                coordinator.describe(groupId, reply);
            }

            @Override
            public void describeConsumer(String groupId, Reply<GroupDescription.Consumer> reply) {
                coordinator.describeConsumer(groupId, reply);
            }
        };
    }
}
