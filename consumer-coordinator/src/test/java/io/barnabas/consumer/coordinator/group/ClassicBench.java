package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.MachineBench;
import io.barnabas.runtime.replicated.NumberingCodec;
import io.barnabas.runtime.replicated.ReplicatedMachine;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** One group of the classic protocol on a bench, and clients that talk to it. After every step a copy is loaded and compared (GROUP-39). */
final class ClassicBench {
    static final String GROUP = "g";
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 60_000;

    final List<RebalanceReport> reports = new ArrayList<>();
    final MachineBench<GroupRecord, Machine> bench;
    private int clients;

    ClassicBench() {
        this(GroupConfig.DEFAULT);
    }

    ClassicBench(GroupConfig config) {
        this(config, 1);
    }

    ClassicBench(GroupConfig config, long seed) {
        Random random = new Random(seed);
        bench = new MachineBench<>(
                new NumberingCodec<>(), () -> new Machine(config, random, this), ClassicBench::durableState);
    }

    static GroupConfig config(int maxSize, int initialDelayMs) {
        return new GroupConfig(6_000, 1_800_000, maxSize, initialDelayMs, GroupConfig.Consumer.DEFAULT);
    }

    /** The classic protocol alone, as a machine. */
    static final class Machine implements ReplicatedMachine<GroupRecord> {
        final Groups groups = new Groups();
        final ClassicProtocol protocol;

        Machine(GroupConfig config, Random random, ClassicBench owner) {
            protocol = new ClassicProtocol(groups, config, random);
            protocol.reportTo(owner.reports::add);
        }

        @Override
        public void replay(StoredRecord<GroupRecord> stored) {
            protocol.replay(stored);
        }

        @Override
        public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
            throw new AssertionError("no transactions here");
        }

        @Override
        public void onLoaded(Turn<GroupRecord> turn) {
            protocol.onLoaded(turn);
        }

        @Override
        public void onTimer(TimerKey timer, Turn<GroupRecord> turn) {
            protocol.onTimer(timer, turn);
        }

        @Override
        public void onCommitted(long endOffset) {}

        @Override
        public void onResigned(Refusal refusal) {
            protocol.onResigned(refusal);
        }
    }

    /** What survives; of groups at rest as the live fields have it, else as the log does. */
    static Map<String, String> durableState(Machine machine) {
        Map<String, String> state = new TreeMap<>();
        for (Group each : machine.groups.all()) {
            ClassicGroup group = (ClassicGroup) each;
            GroupValue.ClassicGroup stored = group.stored();
            if (stored == null) {
                continue;
            }
            boolean atRest = group.phase == ClassicGroup.Phase.STABLE || group.phase == ClassicGroup.Phase.EMPTY;
            List<GroupValue.ClassicMember> members = atRest
                    ? group.members().stream()
                            .map(member -> member.toStore(group.protocolName, member.assignment()))
                            .toList()
                    : stored.members();
            state.put(
                    group.groupId(),
                    (atRest ? group.generationId : stored.generationId())
                            + " " + (atRest && !members.isEmpty() ? group.protocolType : stored.protocolType())
                            + " " + (atRest ? group.protocolName : stored.protocol())
                            + " " + (atRest ? group.leader : stored.leader())
                            + " " + stored.currentStateTimestampMs()
                            + members.stream().map(ClassicBench::print).toList());
        }
        return state;
    }

    private static String print(GroupValue.ClassicMember member) {
        return member.memberId() + "/" + member.groupInstanceId() + "/" + member.clientId() + "/"
                + member.rebalanceTimeoutMs() + "/" + member.sessionTimeoutMs() + "/"
                + Arrays.hashCode(member.subscription()) + "/" + text(member.assignment());
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static JoinGroup.Protocol protocol(String name, String... topics) {
        return new JoinGroup.Protocol(
                name,
                ConsumerProtocolCodec.bytes(
                        new ConsumerSubscription(List.of(topics), null, Map.of(), -1, null), (short) 1));
    }

    // ---- the group

    /** Null if there is none. */
    ClassicGroup group() {
        return (ClassicGroup) bench.machine().groups.find(GROUP);
    }

    String state() {
        return bench.machine().protocol.describe(GROUP).state();
    }

    int generation() {
        return group().generationId;
    }

    void pass(long millis) {
        bench.advanceMillis(millis);
    }

    /** Lets time pass while these clients send heartbeats. */
    void passWithHeartbeats(long millis, Client... alive) {
        for (long left = millis; left > 0; left -= 1_000) {
            bench.advanceMillis(Math.min(1_000, left));
            for (Client client : alive) {
                client.heartbeat();
            }
        }
    }

    CapturedReply<LeaveGroup.Answer> leave(LeaveGroup.Leaver... leavers) {
        LeaveGroup command = new LeaveGroup(GROUP, List.of(leavers));
        return bench.ask((machine, reply, turn) -> machine.protocol.leave(command, reply, turn));
    }

    Refusal.Reason refuseCommit(String memberId, String instanceId, int generationId, boolean transactional) {
        CapturedReply<List<Refusal.Reason>> captured = bench.ask((machine, reply, turn) -> turn.answer(
                reply,
                Arrays.asList(machine.groups
                        .find(GROUP)
                        .refuseCommit(memberId, instanceId, generationId, transactional, (short) 8, turn))));
        return captured.answer().get(0);
    }

    // ---- clients

    Client client() {
        return new Client("c" + ++clients);
    }

    Client staticClient(String instanceId) {
        Client client = client();
        client.instanceId = instanceId;
        return client;
    }

    /** So many clients in a stable group; the first one leads. */
    Client[] stable(int size) {
        Client[] all = new Client[size];
        Arrays.setAll(all, i -> client());
        stable(all);
        return all;
    }

    /** These clients form a stable group of which the first is the leader. */
    void stable(Client... all) {
        List<CapturedReply<JoinGroup.Answer>> joins = new ArrayList<>();
        for (Client client : all) {
            joins.add(client.join());
        }
        pass(6_000);
        for (int i = 0; i < all.length; i++) {
            all[i].learn(joins.get(i));
        }
        syncAll(all);
        assertThat(state()).isEqualTo("Stable");
    }

    /** The first leads and brings an assignment that names generation and member. */
    void syncAll(Client... all) {
        List<CapturedReply<SyncGroup.Answer>> syncs = new ArrayList<>();
        for (int i = all.length - 1; i >= 0; i--) {
            syncs.add(i == 0 ? all[i].lead(all) : all[i].sync());
        }
        for (CapturedReply<SyncGroup.Answer> sync : syncs) {
            assertThat(sync.answer().error()).isNull();
        }
    }

    /** One consumer, as far as the coordinator can tell. */
    final class Client {
        final String clientId;
        String memberId = "";
        String instanceId;
        int generation = -1;
        boolean needsKnownId = true;
        boolean canSkip = true;
        int sessionMs = SESSION_MS;
        int rebalanceMs = REBALANCE_MS;
        String protocolType = "consumer";
        List<JoinGroup.Protocol> protocols = List.of(protocol("range", "t"));
        String reason;

        private Client(String clientId) {
            this.clientId = clientId;
        }

        JoinGroup joinCommand() {
            return new JoinGroup(
                    GROUP,
                    memberId,
                    instanceId,
                    clientId,
                    "/127.0.0.1",
                    needsKnownId,
                    canSkip,
                    sessionMs,
                    rebalanceMs,
                    protocolType,
                    protocols,
                    reason);
        }

        /** One request, just so. */
        CapturedReply<JoinGroup.Answer> askToJoin() {
            JoinGroup command = joinCommand();
            return bench.ask((machine, reply, turn) -> machine.protocol.join(command, reply, turn));
        }

        /** One request, or two if the first one gets it an id. */
        CapturedReply<JoinGroup.Answer> join() {
            CapturedReply<JoinGroup.Answer> reply = askToJoin();
            if (reply.isAnswered() && reply.answer().error() == Refusal.Reason.MEMBER_ID_REQUIRED) {
                memberId = reply.answer().memberId();
                reply = askToJoin();
            }
            return reply;
        }

        JoinGroup.Answer learn(CapturedReply<JoinGroup.Answer> reply) {
            JoinGroup.Answer answer = reply.answer();
            assertThat(answer.error()).isNull();
            memberId = answer.memberId();
            generation = answer.generationId();
            return answer;
        }

        CapturedReply<SyncGroup.Answer> sync() {
            return sync(Map.of());
        }

        CapturedReply<SyncGroup.Answer> lead(Client... all) {
            Map<String, byte[]> assignments = new HashMap<>();
            for (Client each : all) {
                assignments.put(each.memberId, bytes(generation + ":" + each.memberId));
            }
            return sync(assignments);
        }

        CapturedReply<SyncGroup.Answer> sync(Map<String, byte[]> assignments) {
            return sync("consumer", "range", assignments);
        }

        CapturedReply<SyncGroup.Answer> sync(String type, String name, Map<String, byte[]> assignments) {
            SyncGroup command = new SyncGroup(GROUP, generation, memberId, instanceId, type, name, assignments);
            return bench.ask((machine, reply, turn) -> machine.protocol.sync(command, reply, turn));
        }

        /** Null if all is well. */
        Refusal.Reason heartbeat() {
            return heartbeat(generation);
        }

        Refusal.Reason heartbeat(int generationId) {
            GroupHeartbeat command = new GroupHeartbeat(GROUP, generationId, memberId, instanceId);
            CapturedReply<GroupHeartbeat.Answer> reply =
                    bench.ask((machine, to, turn) -> machine.protocol.heartbeat(command, to, turn));
            return reply.answer().error();
        }

        CapturedReply<LeaveGroup.Answer> leave() {
            return ClassicBench.this.leave(new LeaveGroup.Leaver(memberId, instanceId, null));
        }

        String assignment() {
            return text(sync().answer().assignment());
        }
    }
}
