package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.NOW;
import static io.barnabas.broker.api.Batches.idempotent;
import static io.barnabas.broker.api.Batches.plain;
import static io.barnabas.broker.api.Batches.records;
import static io.barnabas.broker.api.Batches.sealed;
import static io.barnabas.broker.api.Batches.withAttributes;
import static io.barnabas.broker.api.Batches.withInt;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.BatchIndexAndErrorMessage;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Apache Kafka 4.3.1 answered to the same requests, except where the contract says otherwise. */
class ProduceGoldenTest {
    @TempDir
    Path directory;

    private DataPlane plane;
    private Producing producing;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        plane.topic("p");
        producing = new Producing(plane);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private void expect(String answer, int version, ByteBuffer batch) {
        expect(answer, version, -1, "p", batch);
    }

    private void expect(String answer, int version, int acks, String topic, ByteBuffer batch) {
        PartitionProduceResponse entry = producing.one(version, acks, topic, 0, batch);
        assertThat(ErrorCode.of(entry.errorCode) + " base=" + entry.baseOffset + " lat=" + entry.logAppendTimeMs
                        + " lso=" + entry.logStartOffset)
                .isEqualTo(answer);
    }

    @Test
    @DisplayName("good, unknown, and acks that do not exist (PROD-13, PROD-20, PROD-21)")
    void addressing() {
        expect("NONE base=0 lat=-1 lso=0", 9, plain(3));
        expect("INVALID_REQUIRED_ACKS base=-1 lat=-1 lso=-1", 9, 2, "p", plain(1));
        expect("INVALID_REQUIRED_ACKS base=-1 lat=-1 lso=-1", 9, -2, "p", plain(1));
        expect("UNKNOWN_TOPIC_OR_PARTITION base=-1 lat=-1 lso=-1", 9, -1, "nope", plain(1));
        assertThat(producing.one(9, -1, "p", 7, plain(1)).errorCode)
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        assertThat(producing.one(9, -1, "p", -1, plain(1)).errorCode)
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        expect("NONE base=3 lat=-1 lso=0", 9, plain(1));
    }

    @Test
    @DisplayName("shapes that are not one batch of format v2 (PROD-01, PROD-02); null records are answered (WIRE-16)")
    void shapes() {
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 9, null);
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 9, ByteBuffer.allocate(0));
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 9, Batches.ofMagic((byte) 1, 2));
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 3, Batches.ofMagic((byte) 0, 2));
        ByteBuffer badCrc = plain(2);
        expect("CORRUPT_MESSAGE base=-1 lat=-1 lso=-1", 9, badCrc.put(70, (byte) (badCrc.get(70) ^ 1)));
        ByteBuffer cut = plain(2);
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 9, cut.limit(cut.limit() - 3));
        expect("NONE base=0 lat=-1 lso=0", 9, Batches.joined(plain(1), ByteBuffer.allocate(7)));
        assertThat(plane.table.partitions().iterator().next().log().logEndOffset())
                .isEqualTo(1);
    }

    @Test
    @DisplayName("two batches for one partition are none (PROD-01)")
    void twoBatches() {
        expect("INVALID_RECORD base=-1 lat=-1 lso=-1", 9, Batches.joined(plain(1), plain(1)));
    }

    @Test
    @DisplayName("headers that do not fit their records (PROD-03, PROD-04, PROD-05)")
    void lyingHeaders() {
        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 9, withInt(plain(2), Batches.COUNT, 3));
        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 9, withInt(plain(2), Batches.LAST_OFFSET_DELTA, 2));
        expect(
                "INVALID_RECORD base=-1 lat=-1 lso=0",
                9,
                withInt(withInt(plain(2), Batches.COUNT, 3), Batches.LAST_OFFSET_DELTA, 2));
        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 9, withInt(plain(2), Batches.COUNT, 0));
        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 9, withAttributes(plain(1), 0x20));
        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 9, plain(1).putLong(0, 77));
        assertThat(plane.table.partitions().iterator().next().log().logEndOffset())
                .isZero();
    }

    @Test
    @DisplayName("codecs: zstd only from v7 on; unknown ones and garbage are told apart (PROD-07)")
    void codecs() {
        ByteBuffer zstd = Batches.of(Compression.zstd().build(), records(2, NOW));
        expect("UNSUPPORTED_COMPRESSION_TYPE base=-1 lat=-1 lso=-1", 3, zstd.duplicate());
        expect("NONE base=0 lat=-1 lso=0", 7, zstd.duplicate());
        assertThat(producing.one(9, -1, "p", 0, withAttributes(plain(1), 5)).errorCode)
                .isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE.code());
        assertThat(producing.one(9, -1, "p", 0, withAttributes(plain(1), 1)).errorCode)
                .isEqualTo(ErrorCode.CORRUPT_MESSAGE.code());
    }

    @Test
    @DisplayName("attribute bits a client has no say in are not trusted (PROD-06)")
    void attributeBits() {
        expect("NONE base=0 lat=-1 lso=0", 9, withAttributes(plain(1), 0x08));
        expect("NONE base=1 lat=-1 lso=0", 9, withAttributes(plain(1), 0x4000));
    }

    @Test
    @DisplayName("records without key on a compacted topic are all named, from v8 on (PROD-12)")
    void compactedWithoutKeys() {
        plane.topic("c", "cleanup.policy", "compact");
        SimpleRecord[] some = {
            Batches.record(NOW, "a", "1"),
            Batches.record(NOW, null, "2"),
            Batches.record(NOW, "b", "3"),
            Batches.record(NOW, null, "4")
        };

        expect("INVALID_RECORD base=-1 lat=-1 lso=0", 8, -1, "c", Batches.of(Compression.NONE, some));
        List<BatchIndexAndErrorMessage> bad =
                producing.one(8, -1, "c", 0, Batches.of(Compression.NONE, some)).recordErrors;
        assertThat(bad).extracting(one -> one.batchIndex).containsExactly(1, 3);
        assertThat(producing.one(7, -1, "c", 0, Batches.of(Compression.NONE, some)).recordErrors)
                .isEmpty();
    }

    @Test
    @DisplayName("too large is refused, and only that partition (PROD-09)")
    void tooLarge() {
        plane.topic("small", "max.message.bytes", "200");

        expect(
                "MESSAGE_TOO_LARGE base=-1 lat=-1 lso=-1",
                9,
                -1,
                "small",
                Batches.of(Compression.NONE, Batches.record(NOW, "k", "x".repeat(300))));
    }

    @Test
    @DisplayName("timestamps out of range name their record; -1 is taken (PROD-10)")
    void timestamps() {
        plane.topic("ts", "message.timestamp.before.max.ms", "1000", "message.timestamp.after.max.ms", "1000");

        for (long wrong : new long[] {NOW - 60_000, NOW + 60_000}) {
            ByteBuffer batch = Batches.of(Compression.NONE, records(1, wrong));
            expect("INVALID_TIMESTAMP base=-1 lat=-1 lso=0", 9, -1, "ts", batch.duplicate());
            assertThat(producing.one(9, -1, "ts", 0, batch.duplicate()).recordErrors)
                    .hasSize(1);
        }
        expect("NONE base=0 lat=-1 lso=0", 9, -1, "ts", Batches.of(Compression.NONE, records(1, -1)));
        expect("INVALID_TIMESTAMP base=-1 lat=-1 lso=0", 9, Batches.of(Compression.NONE, records(1, NOW + 7_200_000)));
    }

    @Test
    @DisplayName("a topic of append time answers with the time it stamped (PROD-11)")
    void logAppendTime() {
        plane.topic("lat", "message.timestamp.type", "LogAppendTime");

        expect("NONE base=0 lat=" + NOW + " lso=0", 9, -1, "lat", plain(2));
    }

    @Test
    @DisplayName("a minimum above the number of replicas does not refuse (PROD-17)")
    void minInSyncAboveReplicas() {
        plane.topic("mi", "min.insync.replicas", "2");

        expect("NONE base=0 lat=-1 lso=0", 9, -1, "mi", plain(1));
        expect("NONE base=1 lat=-1 lso=0", 9, 1, "mi", plain(1));
    }

    @Test
    @DisplayName(
            "idempotence: the last five batches are duplicates in any order, others out of order (PROD-23, PROD-25)")
    void duplicates() {
        for (int sequence = 0; sequence <= 10; sequence += 2) {
            expect("NONE base=" + sequence + " lat=-1 lso=0", 9, idempotent(6, 0, sequence, 2));
        }

        for (int sequence : new int[] {10, 2, 6, 4, 8, 10}) {
            expect("NONE base=" + sequence + " lat=" + NOW + " lso=0", 9, idempotent(6, 0, sequence, 2));
        }
        for (ByteBuffer wrong : List.of(
                idempotent(6, 0, 0, 2), idempotent(6, 0, 10, 1), idempotent(6, 0, 11, 2), idempotent(6, 0, 14, 2))) {
            expect("OUT_OF_ORDER_SEQUENCE_NUMBER base=-1 lat=-1 lso=0", 9, wrong);
        }
        assertThat(plane.table.partitions().iterator().next().log().logEndOffset())
                .isEqualTo(12);
    }

    @Test
    @DisplayName("first sequences, epochs and wrap-around (PROD-26, PROD-27, PROD-28, PROD-29)")
    void sequencesAndEpochs() {
        expect("NONE base=0 lat=-1 lso=0", 9, idempotent(7, 0, 5, 1));
        expect("NONE base=1 lat=-1 lso=0", 9, idempotent(7, 0, 6, 1));
        expect("OUT_OF_ORDER_SEQUENCE_NUMBER base=-1 lat=-1 lso=0", 9, idempotent(7, 1, 3, 1));
        expect("NONE base=2 lat=-1 lso=0", 9, idempotent(7, 1, 0, 1));
        expect("INVALID_PRODUCER_EPOCH base=-1 lat=-1 lso=0", 9, idempotent(7, 0, 7, 1));
        expect("INVALID_PRODUCER_EPOCH base=-1 lat=-1 lso=0", 9, idempotent(7, 0, 6, 1));
        expect("NONE base=3 lat=-1 lso=0", 9, 1, "p", idempotent(7, 1, 1, 1));
        expect("NONE base=4 lat=-1 lso=0", 9, idempotent(8, 0, Integer.MAX_VALUE - 1, 3));
        expect("NONE base=7 lat=-1 lso=0", 9, idempotent(8, 0, 1, 1));
        expect(
                "INVALID_RECORD base=-1 lat=-1 lso=0",
                9,
                sealed(idempotent(9, 0, 0, 1).putInt(53, -1)));
    }

    @Test
    @DisplayName("transactional batches: refused without a transactional id, and not served with one (PROD-33)")
    void transactions() {
        expect("TRANSACTIONAL_ID_AUTHORIZATION_FAILED base=-1 lat=-1 lso=-1", 9, Batches.transactional(9, 0, 0, 1));
        producing.transactionalId = "t";
        expect("INVALID_TXN_STATE base=-1 lat=-1 lso=0", 9, Batches.transactional(9, 0, 0, 1));
        expect("NONE base=0 lat=-1 lso=0", 9, plain(1));
    }

    @Test
    @DisplayName("partitions fail independently, each distinct one is answered once (PROD-20, WIRE-31)")
    void mixedAndTwice() {
        ProduceResponseData mixed =
                producing.all(9, -1, new Producing.Part("p", 0, plain(1)), new Producing.Part("nope", 0, plain(1)));
        assertThat(mixed.responses)
                .extracting(topic -> ErrorCode.of(topic.partitionResponses.get(0).errorCode))
                .containsExactly(ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

        ProduceResponseData twice =
                producing.all(9, -1, new Producing.Part("p", 0, plain(1)), new Producing.Part("p", 0, plain(1)));
        assertThat(twice.responses.get(0).partitionResponses).hasSize(1);
        assertThat(twice.responses.get(0).partitionResponses.get(0).baseOffset).isEqualTo(1);
        assertThat(plane.table.partitions().iterator().next().log().logEndOffset())
                .isEqualTo(2);
    }
}
