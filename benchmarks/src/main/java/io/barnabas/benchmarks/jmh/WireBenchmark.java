package io.barnabas.benchmarks.jmh;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.EncodedResponse;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One Produce request in, one Produce response out; the records themselves are never copied. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WireBenchmark {
    @Param({"7", "13"})
    public short version;

    @Param({"1", "10"})
    public int partitions;

    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private ByteBuf frame;
    private ProduceResponseData response;

    @Setup
    public void prepare() {
        ProduceRequestData request = new ProduceRequestData();
        ProduceRequestData.TopicProduceData topic = new ProduceRequestData.TopicProduceData();
        response = new ProduceResponseData();
        ProduceResponseData.TopicProduceResponse answers = new ProduceResponseData.TopicProduceResponse();
        if (version < 13) {
            topic.name = "orders";
            answers.name = "orders";
        }
        for (int i = 0; i < partitions; i++) {
            ProduceRequestData.PartitionProduceData partition = new ProduceRequestData.PartitionProduceData();
            partition.index = i;
            partition.records = new BufferRecords(Unpooled.wrappedBuffer(new byte[1100]));
            topic.partitionData.add(partition);
            ProduceResponseData.PartitionProduceResponse answer = new ProduceResponseData.PartitionProduceResponse();
            answer.index = i;
            answer.baseOffset = 1_000_000;
            answers.partitionResponses.add(answer);
        }
        request.topicData.add(topic);
        response.responses.add(answers);
        frame = RequestCodec.write(
                allocator, new RequestHeader(ApiKey.PRODUCE.id(), version, 1, "producer-1"), request);
        frame.skipBytes(4);
    }

    @Benchmark
    public ApiMessage decodeRequest() {
        ByteBuf view = frame.duplicate();
        RequestCodec.readHeader(view);
        return RequestCodec.readBody(ApiKey.PRODUCE, version, view);
    }

    @Benchmark
    public long encodeResponse() {
        EncodedResponse encoded = ResponseCodec.write(allocator, ApiKey.PRODUCE, version, 1, response);
        long size = encoded.sizeInBytes();
        encoded.bytes().release();
        return size;
    }
}
