package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupRecordCodec;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.SeededRandom;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.MachineBench;
import io.barnabas.runtime.replicated.ReplicatedMachine;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Both protocols over one log, without a thread, and words for what clients do. After each step a copy is loaded and compared (GROUP-39). */
final class ConsumerBench {
    static final String GROUP = "g";
    static final int SESSION_MS = 45_000;
    static final int REBALANCE_MS = 60_000;

    /** Members times partitions; all groups in tests are small that do not mean to be large. */
    static final long ASSIGN_AT_ONCE = 3_000;

    final FakeTopics topics = new FakeTopics();
    final Map<String, String> settings = new HashMap<>();
    final List<RebalanceReport> reports = new ArrayList<>();
    final MachineBench<GroupRecord, Machine> bench;

    ConsumerBench() {
        this(GroupConfig.DEFAULT, 1);
    }

    ConsumerBench(GroupConfig config, long seed) {
        bench = new MachineBench<>(
                new GroupRecordCodec(), () -> new Machine(config, new SeededRandom(seed)), Machine::durableState);
    }

    static GroupConfig config(GroupConfig.MigrationPolicy policy, int maxSize) {
        GroupConfig.Consumer usual = GroupConfig.Consumer.DEFAULT;
        return new GroupConfig(
                6_000,
                1_800_000,
                Integer.MAX_VALUE,
                0,
                new GroupConfig.Consumer(
                        usual.sessionTimeoutMs(),
                        usual.minSessionTimeoutMs(),
                        usual.maxSessionTimeoutMs(),
                        usual.heartbeatIntervalMs(),
                        usual.minHeartbeatIntervalMs(),
                        usual.maxHeartbeatIntervalMs(),
                        usual.leastHeartbeatIntervalMs(),
                        maxSize,
                        usual.assignors(),
                        policy,
                        usual.assignmentIntervalMs(),
                        usual.regexRefreshIntervalMs()));
    }

    /** The two protocols as a coordinator holds them. */
    final class Machine implements ReplicatedMachine<GroupRecord> {
        final Groups groups = new Groups();
        final ClassicProtocol classic;
        final ConsumerProtocol consumer;

        Machine(GroupConfig config, SeededRandom random) {
            classic = new ClassicProtocol(groups, config, random);
            consumer = new ConsumerProtocol(
                    groups,
                    classic,
                    config,
                    groupId -> settings,
                    topics::image,
                    Assignors.of(config.consumer().assignors()),
                    random,
                    ASSIGN_AT_ONCE);
            consumer.reportTo(reports::add);
        }

        ConsumerGroup group(String groupId) {
            return groups.find(groupId) instanceof ConsumerGroup group ? group : null;
        }

        /** What offers hold in bytes has no name that lasts. */
        String durableState() {
            StringBuilder state = new StringBuilder();
            for (Group group : groups.all()) {
                if (group instanceof ConsumerGroup) {
                    state.append(group.toString().replaceAll("\\[B@[0-9a-f]+", "bytes"))
                            .append('\n');
                }
            }
            return state.toString();
        }

        @Override
        public void replay(StoredRecord<GroupRecord> stored) {
            if (stored.record().key() instanceof GroupKey.ClassicGroup) {
                classic.replay(stored);
            } else {
                consumer.replay(stored);
            }
        }

        @Override
        public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
            throw new AssertionError("no transactions here");
        }

        @Override
        public void onLoaded(Turn<GroupRecord> turn) {
            classic.onLoaded(turn);
            consumer.onLoaded(turn);
        }

        @Override
        public void onTimer(TimerKey timer, Turn<GroupRecord> turn) {
            if (timer.kind() instanceof ConsumerProtocol.Due) {
                consumer.onTimer(timer, turn);
            } else {
                classic.onTimer(timer, turn);
            }
        }

        @Override
        public void onCommitted(long endOffset) {}

        @Override
        public void onResigned(Refusal refusal) {
            classic.onResigned(refusal);
            consumer.onResigned(refusal);
        }
    }

    ConsumerGroup group() {
        return bench.machine().group(GROUP);
    }

    /** The group's members' records changed nothing that the cluster did; now they hear of it. */
    void topicsChanged() {
        bench.tell((machine, turn) -> machine.consumer.onTopicsChanged(turn));
    }

    CapturedReply<ConsumerHeartbeat.Answer> ask(ConsumerHeartbeat beat) {
        return bench.ask((machine, reply, turn) -> machine.consumer.heartbeat(beat, reply, turn));
    }

    CapturedReply<JoinGroup.Answer> join(JoinGroup join) {
        return bench.ask((machine, reply, turn) -> {
            if (machine.group(join.groupId()) != null) {
                machine.consumer.join(join, reply, turn);
            } else {
                machine.classic.join(join, reply, turn);
            }
        });
    }

    CapturedReply<SyncGroup.Answer> sync(SyncGroup sync) {
        return bench.ask((machine, reply, turn) -> {
            if (machine.group(sync.groupId()) != null) {
                machine.consumer.sync(sync, reply, turn);
            } else {
                machine.classic.sync(sync, reply, turn);
            }
        });
    }

    CapturedReply<GroupHeartbeat.Answer> classicBeat(GroupHeartbeat beat) {
        return bench.ask((machine, reply, turn) -> {
            if (machine.group(beat.groupId()) != null) {
                machine.consumer.heartbeat(beat, reply, turn);
            } else {
                machine.classic.heartbeat(beat, reply, turn);
            }
        });
    }

    CapturedReply<LeaveGroup.Answer> leave(LeaveGroup leave) {
        return bench.ask((machine, reply, turn) -> {
            if (machine.group(leave.groupId()) != null) {
                machine.consumer.leave(leave, reply, turn);
            } else {
                machine.classic.leave(leave, reply, turn);
            }
        });
    }

    /** A heartbeat that says what is given and nothing else. */
    static final class Beat {
        short version = 1;
        String groupId = GROUP;
        String memberId;
        int epoch;
        String instanceId;
        String rackId;
        int rebalanceTimeoutMs = -1;
        List<String> topics;
        String regex;
        String assignor;
        List<TopicPartitions> owned;

        static Beat joining(String memberId, String... topics) {
            Beat beat = new Beat();
            beat.memberId = memberId;
            beat.rebalanceTimeoutMs = REBALANCE_MS;
            beat.topics = List.of(topics);
            beat.owned = List.of();
            return beat;
        }

        static Beat at(String memberId, int epoch) {
            Beat beat = new Beat();
            beat.memberId = memberId;
            beat.epoch = epoch;
            return beat;
        }

        Beat version(int value) {
            version = (short) value;
            return this;
        }

        Beat epoch(int value) {
            epoch = value;
            return this;
        }

        Beat instance(String value) {
            instanceId = value;
            return this;
        }

        Beat rack(String value) {
            rackId = value;
            return this;
        }

        Beat topics(String... value) {
            topics = value == null ? null : List.of(value);
            return this;
        }

        Beat regex(String value) {
            regex = value;
            return this;
        }

        Beat assignor(String value) {
            assignor = value;
            return this;
        }

        Beat timeout(int value) {
            rebalanceTimeoutMs = value;
            return this;
        }

        Beat owned(List<TopicPartitions> value) {
            owned = value;
            return this;
        }

        ConsumerHeartbeat build() {
            return new ConsumerHeartbeat(
                    version,
                    groupId,
                    memberId,
                    epoch,
                    instanceId,
                    rackId,
                    rebalanceTimeoutMs,
                    topics,
                    regex,
                    assignor,
                    owned,
                    "client",
                    "/127.0.0.1");
        }
    }

    ConsumerHeartbeat.Answer say(Beat beat) {
        return ask(beat.build()).answer();
    }

    /** Partitions of one topic, as requests and answers name them. */
    List<TopicPartitions> partitions(String topic, Integer... partitions) {
        return List.of(new TopicPartitions(topics.id(topic), List.of(partitions)));
    }
}
