package io.barnabas.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.protocol.message.Insert;
import io.barnabas.protocol.message.MalformedMessageException;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceRequestData.PartitionProduceData;
import io.barnabas.protocol.message.ProduceRequestData.TopicProduceData;
import io.barnabas.protocol.message.Records;
import io.barnabas.protocol.message.SaslAuthenticateRequestData;
import io.barnabas.protocol.message.SaslHandshakeResponseData;
import io.barnabas.protocol.message.UnwritableMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, frames and the negotiation of versions, against bytes that real brokers sent and took. */
class CodecTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final ApiTable<String> table = new ApiTable<String>()
            .serve(ApiKey.API_VERSIONS, 0, 4, "versions")
            .serve(ApiKey.METADATA, 0, 13, "metadata");

    private static ByteBuf frame(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    /** The response without its size field, which is checked. */
    private static String hex(EncodedResponse response) {
        ByteBuf bytes = response.bytes();
        assertThat(bytes.readInt()).isEqualTo(bytes.readableBytes());
        String hex = ByteBufUtil.hexDump(bytes);
        bytes.release();
        return hex;
    }

    @Test
    @DisplayName("(WIRE-03) a header of version 1 ends with the client id, which may be null")
    void headerOfOldVersions() {
        ByteBuf frame = frame("0003" + "0001" + "00000009" + "ffff" + "00000000");

        RequestHeader header = RequestCodec.readHeader(frame);
        var body = (MetadataRequestData) RequestCodec.readBody(ApiKey.METADATA, header.apiVersion(), frame);

        assertThat(header).isEqualTo(new RequestHeader((short) 3, (short) 1, 9, null));
        assertThat(body.topics).isEmpty();
        assertThat(frame.isReadable()).isFalse();
    }

    @Test
    @DisplayName("(WIRE-03) a flexible header keeps the old form of the client id; tags it does not know are skipped")
    void headerOfFlexibleVersions() {
        ByteBuf frame = frame("0003" + "000c" + "00000009" + "0002" + "6d65" + "02" + "00" + "01" + "ff" + "e807" + "00"
                + "01" + "01" + "00" + "00");

        RequestHeader header = RequestCodec.readHeader(frame);
        var body = (MetadataRequestData) RequestCodec.readBody(ApiKey.METADATA, header.apiVersion(), frame);

        assertThat(header).isEqualTo(new RequestHeader((short) 3, (short) 12, 9, "me"));
        assertThat(body.topics).isEmpty();
        assertThat(body.allowAutoTopicCreation).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0003",
                "00030001",
                "00030001000000",
                "0003000100000009",
                "000300010000000900",
                "00030001000000090005616161",
                "00030001000000097fff",
                "0003000100000009fffe",
                "0003000c00000009ffff",
                "0003000c00000009ffff05",
                "0003000c00000009ffffffffffffff"
            })
    @DisplayName("(WIRE-13) a header that is cut off or lies about lengths is malformed")
    void badHeaders(String hex) {
        assertThatThrownBy(() -> RequestCodec.readHeader(frame(hex))).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    @DisplayName("(WIRE-06) headers of unknown APIs and versions can be read, so that they can be named when refused")
    void headersOfUnknownApis() {
        assertThat(RequestCodec.readHeader(frame("03e7" + "0000" + "00000001" + "0001" + "61")))
                .isEqualTo(new RequestHeader((short) 999, (short) 0, 1, "a"));
        assertThat(RequestCodec.readHeader(frame("0000" + "0002" + "00000001" + "0001" + "61")))
                .isEqualTo(new RequestHeader((short) 0, (short) 2, 1, "a"));
        assertThat(RequestCodec.readHeader(frame("8000" + "8000" + "00000001" + "ffff")))
                .isEqualTo(new RequestHeader(Short.MIN_VALUE, Short.MIN_VALUE, 1, null));
    }

    @Test
    @DisplayName("(WIRE-13) bytes after a body are left for nobody")
    void trailingBytesAreIgnored() {
        ByteBuf frame = frame("0003" + "0001" + "00000009" + "ffff" + "00000000" + "deadbeef");

        RequestCodec.readHeader(frame);
        RequestCodec.readBody(ApiKey.METADATA, (short) 1, frame);

        assertThat(frame.readableBytes()).isEqualTo(4);
    }

    @Test
    @DisplayName(
            "(WIRE-05) ApiVersions of the future: the header is flexible, the answer is version 0 with 18's versions")
    void apiVersionsOfTheFuture() {
        ByteBuf frame = frame("0012" + "0063" + "00000007" + "ffff" + "00" + "0badbadbad");

        RequestHeader header = RequestCodec.readHeader(frame);

        assertThat(VersionNegotiation.isUnsupported(header, table)).isTrue();
        assertThat(hex(ResponseCodec.write(
                        ALLOCATOR,
                        ApiKey.API_VERSIONS,
                        VersionNegotiation.UNSUPPORTED_ANSWER_VERSION,
                        header.correlationId(),
                        VersionNegotiation.unsupportedVersion(table))))
                .isEqualTo("00000007" + "0023" + "00000001" + "0012" + "0000" + "0004");
    }

    @Test
    @DisplayName("(WIRE-05) only ApiVersions may ask for what is not served")
    void onlyApiVersionsIsNegotiated() {
        assertThat(VersionNegotiation.isUnsupported(new RequestHeader((short) 18, (short) 4, 1, null), table))
                .isFalse();
        assertThat(VersionNegotiation.isUnsupported(new RequestHeader((short) 18, (short) -1, 1, null), table))
                .isTrue();
        assertThat(VersionNegotiation.isUnsupported(new RequestHeader((short) 3, (short) 99, 1, null), table))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"te t", "", "-a", "a-", ".a", "a.", "a\0", "ä", "a b", "a\n"})
    @DisplayName("(WIRE-07) a software name that is none gets INVALID_REQUEST in a well-formed version 3")
    void badSoftwareNames(String name) {
        var request = new ApiVersionsRequestData();
        request.clientSoftwareName = name;
        request.clientSoftwareVersion = "1.0";

        assertThat(VersionNegotiation.isValid(request, (short) 3)).isFalse();
        assertThat(VersionNegotiation.isValid(request, (short) 2)).isTrue();
        assertThat(hex(ResponseCodec.write(
                        ALLOCATOR, ApiKey.API_VERSIONS, (short) 3, 9, VersionNegotiation.invalidRequest())))
                .isEqualTo("00000009" + "002a" + "01" + "00000000" + "00");
    }

    @Test
    @DisplayName("(WIRE-07) software names of letters, digits, dots and dashes are fine, long ones too")
    void goodSoftwareNames() {
        for (String name :
                new String[] {"a", "apache-kafka-java", "librdkafka", "4.4.0", "x" + "-.".repeat(5_000) + "y"}) {
            var request = new ApiVersionsRequestData();
            request.clientSoftwareName = name;
            request.clientSoftwareVersion = name;

            assertThat(VersionNegotiation.isValid(request, (short) 4)).isTrue();
        }
    }

    @Test
    @DisplayName("(WIRE-04) ApiVersions is answered with header version 0, other flexible APIs with version 1")
    void responseHeaders() {
        assertThat(hex(ResponseCodec.write(
                        ALLOCATOR, ApiKey.API_VERSIONS, (short) 4, 5, VersionNegotiation.versions(table))))
                .startsWith("00000005" + "0000" + "03" + "0003" + "0000" + "000d" + "00" + "0012" + "0000" + "0004");
        assertThat(hex(ResponseCodec.write(ALLOCATOR, ApiKey.METADATA, (short) 9, 5, ApiKey.METADATA.newResponse())))
                .startsWith("00000005" + "00" + "00000000");
        assertThat(hex(ResponseCodec.write(ALLOCATOR, ApiKey.SASL_HANDSHAKE, (short) 1, 9, unsupportedMechanism())))
                .isEqualTo("00000009" + "0022" + "00000000");
    }

    private static ApiMessage unsupportedMechanism() {
        var response = new SaslHandshakeResponseData();
        response.errorCode = ErrorCode.ILLEGAL_SASL_STATE.code();
        return response;
    }

    @Test
    @DisplayName("the size of a response counts the records that are sent in between")
    void sizeCountsInserts() {
        Records file = () -> 1_000_000;
        var partition = new PartitionData();
        partition.records = file;
        var topic = new FetchableTopicResponse();
        topic.topic = "t";
        topic.partitions.add(partition);
        topic.partitions.add(partition);
        var fetch = new FetchResponseData();
        fetch.responses.add(topic);

        EncodedResponse response = ResponseCodec.write(ALLOCATOR, ApiKey.FETCH, (short) 11, 3, fetch);

        ByteBuf bytes = response.bytes();
        assertThat(bytes.getInt(0)).isEqualTo(bytes.readableBytes() - 4 + 2_000_000);
        assertThat(response.sizeInBytes()).isEqualTo(bytes.readableBytes() + 2_000_000L);
        assertThat(response.inserts()).extracting(Insert::records).containsExactly(file, file);
        assertThat(response.inserts().get(1).position()).isEqualTo(bytes.writerIndex());
        bytes.release();
    }

    @Test
    @DisplayName("a response of 2 GiB and more is refused, and its buffer given back")
    void tooLargeResponses() {
        var partition = new PartitionData();
        partition.records = () -> Integer.MAX_VALUE - 10;
        var topic = new FetchableTopicResponse();
        topic.partitions.add(partition);
        var fetch = new FetchResponseData();
        fetch.responses.add(topic);
        ByteBuf buffer = Unpooled.buffer();
        var allocator = new OneBufferAllocator(buffer);

        assertThatThrownBy(() -> ResponseCodec.write(allocator, ApiKey.FETCH, (short) 11, 3, fetch))
                .isInstanceOf(UnwritableMessageException.class);
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    @DisplayName("an answer to another API than the one asked is a mistake of ours")
    void wrongAnswers() {
        assertThatThrownBy(
                        () -> ResponseCodec.write(ALLOCATOR, ApiKey.METADATA, (short) 9, 5, ApiKey.FETCH.newResponse()))
                .isInstanceOf(UnwritableMessageException.class);
    }

    @Test
    @DisplayName("what a client writes a server reads, and back")
    void clientAndServer() {
        var partition = new PartitionProduceData();
        partition.records = new BufferRecords(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        var topic = new TopicProduceData();
        topic.name = "t";
        topic.partitionData.add(partition);
        var request = new ProduceRequestData();
        request.acks = -1;
        request.topicData.add(topic);
        var header = new RequestHeader(ApiKey.PRODUCE.id(), (short) 9, 77, "client");

        ByteBuf sent = RequestCodec.write(ALLOCATOR, header, request);
        assertThat(sent.readInt()).isEqualTo(sent.readableBytes());
        assertThat(RequestCodec.readHeader(sent)).isEqualTo(header);
        assertThat(RequestCodec.readBody(ApiKey.PRODUCE, (short) 9, sent)).isEqualTo(request);
        sent.release();

        ApiMessage answer = ApiKey.PRODUCE.newResponse();
        ByteBuf received = ResponseCodec.write(ALLOCATOR, ApiKey.PRODUCE, (short) 9, 77, answer)
                .bytes();
        assertThat(received.readInt()).isEqualTo(received.readableBytes());
        assertThat(ResponseCodec.readCorrelationId(ApiKey.PRODUCE, (short) 9, received))
                .isEqualTo(77);
        assertThat(ResponseCodec.readBody(ApiKey.PRODUCE, (short) 9, received)).isEqualTo(answer);
        received.release();
    }

    @Test
    @DisplayName("messages in logs show how long secrets and records are, not what is in them")
    void textsHideBytes() {
        var request = new SaslAuthenticateRequestData();
        request.authBytes = "user\0user\0password".getBytes(UTF_8);

        assertThat(request).hasToString("SaslAuthenticateRequest(authBytes=18 bytes)");
    }
}
