package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.NOW;
import static io.barnabas.broker.api.Batches.idempotent;
import static io.barnabas.broker.api.Batches.plain;
import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.api.Producing.Part;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicIds;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import io.barnabas.runtime.loop.ManualLoop;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProduceHandlerTest {
    private static final BrokerId TWO = new BrokerId(2);

    @TempDir
    Path directory;

    private DataPlane plane;
    private Producing producing;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        producing = new Producing(plane);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    /** A partition led here in epoch 5, replicas 1 and 2 in sync. */
    private Partition replicated(String topic, String... configs) {
        Partition partition = plane.host(topic, 0, configs);
        partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
        return partition;
    }

    private void followerHas(Partition partition, long offset) {
        partition.onFollowerFetched(TWO, 1, partition.view().leaderEpoch(), offset, 0);
    }

    private Producing.Sent send(int acks, ByteBuffer batch) {
        return producing.send(9, acks, new Part("r", 0, batch));
    }

    private static ErrorCode errorOf(Producing.Sent sent) {
        return ErrorCode.of(sent.entry().errorCode);
    }

    @Test
    @DisplayName("acks=all is answered when the high watermark has passed the batch, acks=1 at once (PROD-15, PROD-16)")
    void answersWhenCommitted() {
        Partition partition = replicated("r");

        Producing.Sent all = send(-1, plain(3));
        Producing.Sent one = send(1, plain(1));
        assertThat(all.reply().isAnswered()).isFalse();
        assertThat(all.context().released).as("parked without its bytes").isTrue();
        assertThat(errorOf(one)).isEqualTo(ErrorCode.NONE);

        followerHas(partition, 2);
        assertThat(all.reply().isAnswered()).as("in the middle of the batch").isFalse();
        followerHas(partition, 3);
        assertThat(errorOf(all)).isEqualTo(ErrorCode.NONE);
        assertThat(all.entry().baseOffset).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("a follower that has left in a proposal still holds acknowledgements, until it is stored (PROD-16)")
    void waitsForTheMaximalIsr() {
        Partition partition = replicated("r");
        followerHas(partition, 0);
        Producing.Sent sent = send(-1, plain(1));
        for (int i = 0; i < 3; i++) {
            partition.tick();
            plane.clock.advanceMillis(15_001);
        }
        partition.tick();
        assertThat(plane.proposals).containsExactly(led(1, 5, 3, 1));
        assertThat(sent.reply().isAnswered()).isFalse();

        plane.answers.get(0).complete(io.barnabas.model.Outcome.done(led(1, 5, 4, 1)));

        assertThat(errorOf(sent)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    @DisplayName("too few in sync: acks=all writes nothing, acks=1 does (PROD-17)")
    void tooFewBefore() {
        Partition partition = plane.host("r", 0, "min.insync.replicas", "2");
        partition.becomeLeader(led(1, 5, 3, 1), brokers(1, 2));

        Producing.Sent refused = send(-1, plain(1));

        assertThat(errorOf(refused)).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        assertThat(partition.log().logEndOffset()).isZero();
        assertThat(errorOf(send(1, plain(1)))).isEqualTo(ErrorCode.NONE);
        assertThat(partition.view().highWatermark()).as("invisible (REPL-09)").isZero();
    }

    @Test
    @DisplayName(
            "too few in sync after the append: it waits, the record stays, and its retry succeeds (PROD-18, REPL-09)")
    void tooFewAfter() {
        Partition partition = replicated("r", "min.insync.replicas", "2");
        Producing.Sent sent = send(-1, idempotent(4, 0, 0, 1));
        followerHas(partition, 1);
        assertThat(errorOf(sent)).isEqualTo(ErrorCode.NONE);

        Producing.Sent second = send(-1, idempotent(4, 0, 1, 1));
        partition.becomeLeader(led(1, 5, 4, 1), brokers(1, 2));
        assertThat(second.reply().isAnswered())
                .as("the watermark rests while too few are in sync")
                .isFalse();
        plane.clock.advanceMillis(30_001); // the follower that left is not waited for any more
        partition.reconfigure(partition.log().config().withOverrides(java.util.Map.of("min.insync.replicas", "1")));
        assertThat(errorOf(second)).isEqualTo(ErrorCode.NONE);

        Producing.Sent retry = send(-1, idempotent(4, 0, 1, 1));
        assertThat(errorOf(retry)).isEqualTo(ErrorCode.NONE);
        assertThat(retry.entry().baseOffset).isEqualTo(1);
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "what a producer sent behind a batch that was turned away does not begin its history: they come again in order (PROD-27, I3)")
    void turnedAway() {
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 4, 3, 1, 2), brokers(1, 2));
        assertThat(errorOf(send(-1, idempotent(4, 0, 0, 2)))).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(errorOf(send(-1, idempotent(4, 0, 2, 1)))).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        partition.becomeLeader(led(1, 5, 4, 1), brokers(1, 2));

        Producing.Sent third = send(-1, idempotent(4, 0, 3, 1));
        assertThat(errorOf(third)).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(third.entry().logStartOffset).isZero();
        assertThat(errorOf(send(-1, idempotent(5, 0, 7, 1))))
                .as("another producer may begin anywhere")
                .isEqualTo(ErrorCode.NONE);
        assertThat(errorOf(send(-1, idempotent(4, 1, 1, 1))))
                .as("another epoch is another history")
                .isEqualTo(ErrorCode.NONE);
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName("who was turned away comes again, and goes on from there (PROD-27, I3)")
    void comesAgain() {
        Partition partition = plane.host("r", 0, "min.insync.replicas", "2");
        partition.becomeLeader(led(1, 5, 3, 1), brokers(1, 2));
        assertThat(errorOf(send(-1, idempotent(4, 0, 0, 1)))).isEqualTo(ErrorCode.NOT_ENOUGH_REPLICAS);
        partition.reconfigure(partition.log().config().withOverrides(java.util.Map.of("min.insync.replicas", "1")));

        assertThat(errorOf(send(-1, idempotent(4, 0, 1, 1)))).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(errorOf(send(-1, idempotent(4, 0, 0, 1)))).isEqualTo(ErrorCode.NONE);
        assertThat(errorOf(send(-1, idempotent(4, 0, 1, 1)))).isEqualTo(ErrorCode.NONE);
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "who was turned away and is not heard of for a minute, or has its history from elsewhere, is not held to it (PROD-27)")
    void notForEver() {
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 4, 3, 1, 2), brokers(1, 2));
        send(-1, idempotent(4, 0, 0, 1));
        send(-1, idempotent(5, 0, 0, 1));
        partition.asFollower().append(4, idempotentAt(0, 5, 0, 30), 0, 0);
        partition.becomeLeader(led(1, 5, 4, 1), brokers(1, 2));

        assertThat(errorOf(send(-1, idempotent(5, 0, 31, 1)))).isEqualTo(ErrorCode.NONE);
        assertThat(errorOf(send(-1, idempotent(4, 0, 9, 1)))).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        plane.clock.advanceMillis(60_001);
        assertThat(errorOf(send(-1, idempotent(4, 0, 9, 1)))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    @DisplayName(
            "a batch that comes again and is damaged does not let the next one begin; with acks=0 nobody waits for any (PROD-27)")
    void damagedOnItsWay() {
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 4, 3, 1, 2), brokers(1, 2));
        send(-1, idempotent(4, 0, 0, 1));
        send(0, idempotent(5, 0, 0, 1));
        partition.becomeLeader(led(1, 5, 4, 1), brokers(1, 2));

        ByteBuffer damaged = idempotent(4, 0, 0, 1);
        damaged.put(damaged.limit() - 1, (byte) (damaged.get(damaged.limit() - 1) + 1));
        assertThat(errorOf(send(-1, damaged))).isEqualTo(ErrorCode.CORRUPT_MESSAGE);
        assertThat(errorOf(send(-1, idempotent(4, 0, 1, 1)))).isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(errorOf(send(-1, idempotent(5, 0, 1, 1)))).isEqualTo(ErrorCode.NONE);
    }

    private static ByteBuffer idempotentAt(long offset, long producerId, int epoch, int sequence) {
        ByteBuffer batch = idempotent(producerId, epoch, sequence, 1);
        batch.putLong(batch.position(), offset);
        batch.putInt(batch.position() + 12, 4);
        return batch;
    }

    @Test
    @DisplayName("at the deadline only unfinished partitions time out, and the data stays (PROD-19)")
    void deadline() {
        Partition slow = replicated("r");
        plane.topic("fast");

        Producing.Sent sent = producing.send(9, -1, new Part("fast", 0, plain(1)), new Part("r", 0, plain(2)));
        plane.timers.advanceMillis(999);
        assertThat(sent.reply().isAnswered()).isFalse();
        plane.timers.advanceMillis(2);

        assertThat(sent.response().responses)
                .extracting(topic -> ErrorCode.of(topic.partitionResponses.get(0).errorCode))
                .containsExactly(ErrorCode.NONE, ErrorCode.REQUEST_TIMED_OUT);
        assertThat(slow.log().logEndOffset()).isEqualTo(2);
        assertThat(slow.ackWaiters().count()).isZero();
    }

    @Test
    @DisplayName("leadership lost while waiting is told at once, with the new leader (PROD-19, WIRE-29)")
    void leadershipLost() {
        Partition partition = replicated("r");
        plane.hints = (id, listener) -> new LeaderHints.Hint(TWO, 6, "two", 9093, null);
        Producing.Sent sent = producing.send(10, -1, new Part("r", 0, plain(1)));

        partition.becomeFollower(led(2, 6, 4, 1, 2), brokers(1, 2));

        assertThat(errorOf(sent)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(sent.entry().currentLeader.leaderId).isEqualTo(2);
        assertThat(sent.entry().currentLeader.leaderEpoch).isEqualTo(6);
        assertThat(sent.response().nodeEndpoints).hasSize(1);
        DataPlane.assertWritable(ApiKey.PRODUCE, (short) 10, sent.response());
        assertThat(errorOf(send(-1, plain(1)))).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    @DisplayName("a duplicate waits for the high watermark like its original (PROD-24)")
    void duplicatesWait() {
        Partition partition = replicated("r");
        Producing.Sent original = send(-1, idempotent(4, 0, 0, 2));
        plane.timers.advanceMillis(1_001);
        assertThat(errorOf(original)).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);

        Producing.Sent retry = send(-1, idempotent(4, 0, 0, 2));
        assertThat(retry.reply().isAnswered()).isFalse();
        followerHas(partition, 2);

        assertThat(errorOf(retry)).isEqualTo(ErrorCode.NONE);
        assertThat(retry.entry().baseOffset).isZero();
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName("a duplicate found by a leadership that has ended is not acknowledged by a later one (PROD-24)")
    void duplicatesBelongToTheirLeadership() {
        Partition partition = replicated("r");
        send(-1, idempotent(4, 0, 0, 2));
        AppendedBatch found = partition
                .append(idempotent(4, 0, 0, 2), (short) -1, AppendOrigin.CLIENT, (short) 9)
                .value();
        partition.becomeFollower(led(2, 6, 4, 1, 2), brokers(1, 2));
        partition.becomeLeader(led(1, 7, 5, 1), brokers(1, 2));
        TestContext context = new TestContext(ApiKey.PRODUCE, 9);
        KeptReply reply = new KeptReply();
        ProduceAnswer answer = new ProduceAnswer(context, reply, plane.hints, plane.timers);

        PartitionProduceResponse entry = answer.addPartition(answer.addTopic("r", TopicIds.ZERO, 1), 0);
        answer.awaitCommit(entry, partition, found);
        answer.finish(1_000);

        assertThat(found.duplicate()).isTrue();
        assertThat(partition.view().highWatermark()).isEqualTo(2);
        assertThat(ErrorCode.of(entry.errorCode)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    @DisplayName("a connection that ends leaves no waiter and no timer behind, and the data stays (WIRE-21)")
    void connectionEnds() {
        Partition partition = replicated("r");
        Producing.Sent sent = send(-1, plain(2));
        assertThat(partition.ackWaiters().count()).isOne();

        sent.context().closeConnection();

        assertThat(partition.ackWaiters().count()).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName("a log directory that is lost: who waits for its partitions is told of the storage (LOG-40)")
    void lostDirectory() {
        Partition partition = replicated("r");
        Producing.Sent waiting = send(-1, plain(1));

        plane.table.hostOnFailedDisk(partition.id());

        assertThat(errorOf(waiting)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(errorOf(send(-1, plain(1)))).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }

    @Test
    @DisplayName("acks=0 gets no answer, and a closed connection if it fails (PROD-14)")
    void noAnswer() {
        plane.topic("r");

        assertThat(send(0, plain(1)).reply().closedBecause()).isEqualTo("nothing");
        assertThat(producing.send(9, 0, new Part("nope", 0, plain(1))).reply().closedBecause())
                .contains("UNKNOWN_TOPIC_OR_PARTITION");
        assertThat(producing.send(9, 0, new Part("r", 0, null)).reply().closedBecause())
                .contains("INVALID_RECORD");
    }

    @Test
    @DisplayName("clients do not write internal topics; Kafka's admin client may (PROD-22)")
    void internalTopics() {
        for (String topic : new String[] {"__consumer_offsets", "__transaction_state", "__share_group_state"}) {
            plane.topic(topic);
            assertThat(ErrorCode.of(producing.one(9, -1, topic, 0, plain(1)).errorCode))
                    .isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
            Producing.Sent admin = new Producing.Sent(new TestContext(ApiKey.PRODUCE, 9), new KeptReply());
            admin.context().clientId = "__admin_client";
            producing.send(admin, producing.request(9, -1, new Part(topic, 0, plain(1))));
            assertThat(errorOf(admin)).isEqualTo(ErrorCode.NONE);
        }
    }

    @Test
    @DisplayName("by topic id: unknown ids, and ids of a topic that was made anew, never reach the new one (PROD-21)")
    void byTopicId() {
        Partition old = plane.topic("r");
        assertThat(producing.one(13, -1, "r", 0, plain(1)).errorCode).isZero();
        assertThat(ErrorCode.of(producing.one(13, -1, "nope", 0, plain(1)).errorCode))
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);

        var stale = producing.request(13, -1, new Part("r", 0, plain(1)));
        plane.table.stop(old.id());
        plane.directory.delete(old.id());
        plane.topicIds.put("r", new UUID(8, 8));
        Partition anew = plane.topic("r");
        Producing.Sent sent = new Producing.Sent(new TestContext(ApiKey.PRODUCE, 13), new KeptReply());
        producing.send(sent, stale);

        assertThat(errorOf(sent)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
        assertThat(anew.log().logEndOffset()).isZero();
        assertThat(producing.one(13, -1, "r", 0, plain(1)).errorCode).isZero();
    }

    @Test
    @DisplayName("every served version answers in a form it has a place for")
    void allVersions() {
        plane.topic("r");
        for (int version = 3; version <= 13; version++) {
            assertThat(producing.one(version, -1, "r", 0, plain(1)).errorCode).isZero();
            assertThat(producing.one(version, -1, "r", 0, plain(1).putLong(0, 5)).errorCode)
                    .isEqualTo(ErrorCode.INVALID_RECORD.code());
        }
    }

    @Test
    @DisplayName("with flush.messages=1 nothing is acknowledged before it is on the disk (PROD-37)")
    void flushBeforeAck() {
        plane.topic("r", "flush.messages", "1");

        Producing.Sent sent = send(-1, plain(1));
        assertThat(sent.reply().isAnswered()).isFalse();
        plane.runWorkers();

        assertThat(errorOf(sent)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    @DisplayName(
            "much compressed data goes to a worker, and what comes after it on the connection waits its turn (WIRE-12)")
    void orderBehindAWorker() {
        Partition partition = plane.topic("r");
        byte[] noise = new byte[300 << 10];
        new Random(1).nextBytes(noise);
        ByteBuffer heavy = Batches.of(
                Compression.gzip().build(), new org.apache.kafka.common.record.internal.SimpleRecord(NOW, null, noise));
        ManualLoop loop = new ManualLoop(plane.clock);
        Producing.Sent[] sent = new Producing.Sent[4];
        for (int i = 0; i < 4; i++) {
            int connection = i == 3 ? 2 : 1;
            sent[i] = new Producing.Sent(new TestContext(ApiKey.PRODUCE, 9, connection, loop), new KeptReply());
            producing.send(
                    sent[i], producing.request(9, -1, new Part("r", 0, i % 2 == 0 ? Batches.joined(heavy) : plain(1))));
        }
        assertThat(partition.log().logEndOffset())
                .as("another connection goes ahead")
                .isEqualTo(1);
        assertThat(sent[3].entry().baseOffset).isZero();

        while (!sent[2].reply().isAnswered()) {
            plane.runWorkers();
            loop.runAll();
        }

        assertThat(sent[0].entry().baseOffset).isEqualTo(1);
        assertThat(sent[1].entry().baseOffset).isEqualTo(2);
        assertThat(sent[2].entry().baseOffset).isEqualTo(3);
        plane.runWorkers();
        loop.runAll();
        assertThat(send(-1, plain(1)).entry().baseOffset)
                .as("nothing is left behind")
                .isEqualTo(4);
    }

    @Test
    @DisplayName("a batch accepted by the old leader is a duplicate to the new one (PROD-31)")
    void newLeaderKnowsDuplicates() {
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 1, 0, 1, 2), brokers(1, 2));
        ByteBuffer replicated = idempotent(4, 0, 0, 2);
        partition.log().appendAsFollower(replicated.duplicate());
        partition.becomeLeader(led(1, 2, 1, 1), brokers(1, 2));

        Producing.Sent retry = send(-1, idempotent(4, 0, 0, 2));

        assertThat(errorOf(retry)).isEqualTo(ErrorCode.NONE);
        assertThat(retry.entry().baseOffset).isZero();
        assertThat(partition.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "a failed disk takes the partition offline, tells who waits, and a resend is no duplicate (LOG-40, PROD-30)")
    void failedDisk() {
        Partition partition = replicated("r");
        Producing.Sent waiting = send(-1, idempotent(4, 0, 0, 1));

        partition.fail(new io.barnabas.log.storage.StorageException("a test pulls the disk"));

        assertThat(errorOf(waiting)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        assertThat(errorOf(send(-1, idempotent(4, 0, 0, 1)))).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
}
