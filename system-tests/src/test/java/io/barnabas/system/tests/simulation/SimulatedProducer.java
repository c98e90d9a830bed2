package io.barnabas.system.tests.simulation;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.InitProducerIdRequestData;
import io.barnabas.protocol.message.InitProducerIdResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * An idempotent producer to one partition. It sends a batch again, with its sequence, until it is acknowledged. What a leader does not
 * know how to continue it gives up, unacknowledged as it is, and begins anew, as Kafka's client does: with {@code acks=1} a new leader may
 * lack what the old one had, and a leader that was started again may have forgotten all but the last batch.
 */
final class SimulatedProducer extends SimulatedClient {
    private static final short PRODUCE_VERSION = 9;
    private static final short INIT_VERSION = 4;
    private static final int MOST_IN_FLIGHT = 3;
    private static final int PRODUCE_TIMEOUT_MS = 2_000;

    private final TopicPartition partition;
    private final short acks;
    private final ArrayDeque<Batch> unacknowledged = new ArrayDeque<>();
    private long producerId = -1;
    private short producerEpoch;
    private int nextSequence;
    private int nextNumber;
    private int inFlight;
    private int lives;

    /** Only the latest turn leads to another. */
    private int turns;

    private boolean repeating;
    private boolean paused;
    private long acknowledgedBatches;

    SimulatedProducer(SimulatedCluster cluster, String name, int place, TopicPartition partition, short acks) {
        super(cluster, name, place);
        this.partition = partition;
        this.acks = acks;
    }

    private static final class Batch {
        final int sequence;
        final List<String> values;
        boolean inFlight;

        Batch(int sequence, List<String> values) {
            this.sequence = sequence;
            this.values = values;
        }
    }

    void start() {
        after(1, 50, this::begin);
    }

    /** No new batches; what is unacknowledged is still sent. */
    void pause() {
        paused = true;
    }

    boolean isIdle() {
        return unacknowledged.isEmpty();
    }

    long acknowledgedBatches() {
        return acknowledgedBatches;
    }

    TopicPartition partition() {
        return partition;
    }

    private void begin() {
        InitProducerIdRequestData request = new InitProducerIdRequestData();
        request.transactionalId = null;
        request.transactionTimeoutMs = 60_000;
        ask(anyBroker(), request, INIT_VERSION, answer -> {
            if (answer instanceof InitProducerIdResponseData told && told.errorCode == ErrorCode.NONE.code()) {
                if (cluster.isProducerIdUsed(told.producerId)) {
                    cluster.verdicts().violated("CTRL-34", "producer id " + told.producerId + " was given out twice");
                }
                producerId = told.producerId;
                producerEpoch = told.producerEpoch;
                nextSequence = 0;
                lives++;
                proceed();
            } else {
                after(50, 500, this::begin);
            }
        });
    }

    private void proceed() {
        Leader leader = leaderOf(partition);
        int turn = ++turns;
        if (leader == null) {
            refresh(
                    partition.topic(),
                    () -> after(20, 300, () -> {
                        if (turn == turns) {
                            proceed();
                        }
                    }));
            return;
        }
        if (repeating) {
            repeating = false;
            for (Batch batch : unacknowledged) {
                send(batch, leader);
            }
        } else if (!paused && unacknowledged.size() < MOST_IN_FLIGHT) {
            Batch batch = fresh();
            unacknowledged.add(batch);
            send(batch, leader);
        }
        if (!paused || !unacknowledged.isEmpty()) {
            after(1, 120, () -> {
                if (turn == turns && !repeating) {
                    proceed();
                }
            });
        }
    }

    private Batch fresh() {
        List<String> values = new ArrayList<>();
        int count = 1 + world.random().nextInt(3);
        for (int i = 0; i < count; i++) {
            values.add(name() + ":" + nextNumber++);
        }
        Batch batch = new Batch(nextSequence, values);
        nextSequence += count;
        return batch;
    }

    private void send(Batch batch, Leader leader) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE).producer(producerId, producerEpoch, batch.sequence);
        for (String value : batch.values) {
            builder.append(
                    1_700_000_000_000L + world.nowMillis(),
                    null,
                    ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
        }
        ProduceRequestData.PartitionProduceData data = new ProduceRequestData.PartitionProduceData();
        data.index = partition.partition();
        data.records = new BufferRecords(Unpooled.wrappedBuffer(builder.build()));
        ProduceRequestData.TopicProduceData topic = new ProduceRequestData.TopicProduceData();
        topic.name = partition.topic();
        topic.partitionData = new ArrayList<>(List.of(data));
        ProduceRequestData request = new ProduceRequestData();
        request.transactionalId = null;
        request.acks = acks;
        request.timeoutMs = PRODUCE_TIMEOUT_MS;
        request.topicData = new ArrayList<>(List.of(topic));
        int life = lives;
        int losses = cluster.losses();
        batch.inFlight = true;
        inFlight++;
        ask(leader.broker(), request, PRODUCE_VERSION, answer -> {
            if (life != lives) {
                return;
            }
            batch.inFlight = false;
            inFlight--;
            onAnswer(batch, answer, losses == cluster.losses());
        });
    }

    private void onAnswer(Batch batch, ApiMessage answer, boolean stillCounts) {
        ErrorCode error = ErrorCode.REQUEST_TIMED_OUT;
        long offset = -1;
        if (answer instanceof ProduceResponseData told) {
            var entry = told.responses.get(0).partitionResponses.get(0);
            error = ErrorCode.of(entry.errorCode);
            offset = entry.baseOffset;
        }
        if (error == ErrorCode.NONE || error == ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
            unacknowledged.remove(batch);
            acknowledgedBatches++;
            if (acks == -1 && stillCounts) {
                cluster.ledger().acknowledged(partition, error == ErrorCode.NONE ? offset : -1, batch.values);
            }
            repeatSoon();
            return;
        }
        ErrorCode told = error;
        world.note(() -> name() + ": " + batch.values.get(0) + " " + told);
        boolean lostItsPlace = error == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
                || error == ErrorCode.UNKNOWN_PRODUCER_ID
                || error == ErrorCode.INVALID_PRODUCER_EPOCH;
        if (lostItsPlace && batch == unacknowledged.peek()) {
            lives++;
            turns++;
            unacknowledged.clear();
            inFlight = 0;
            repeating = false;
            after(50, 300, this::begin);
            return;
        }
        repeating = true;
        repeatSoon();
    }

    /** Once nothing is under way any more, in the old order. */
    private void repeatSoon() {
        if (!repeating || inFlight > 0) {
            return;
        }
        int turn = ++turns;
        after(
                20,
                200,
                () -> refresh(partition.topic(), () -> {
                    if (turn == turns) {
                        proceed();
                    }
                }));
    }
}
