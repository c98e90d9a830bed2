package io.barnabas.protocol;

import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.RequestHeaderData;
import io.barnabas.protocol.message.ResponseHeaderData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.Schema;

/** One message as both sides know it: our class, Kafka's class, and Kafka's own description of every version. */
public record WireMessage(
        String name,
        int lowest,
        int highest,
        List<Schema> schemas,
        Supplier<ApiMessage> ours,
        Supplier<org.apache.kafka.common.protocol.ApiMessage> theirs) {
    /** Every request, response and header that still has versions. */
    public static List<WireMessage> all() {
        var all = new ArrayList<WireMessage>();
        for (ApiKey key : ApiKey.values()) {
            if (key.highestVersion() >= 0) {
                ApiMessageType type = ApiMessageType.fromApiKey(key.id());
                all.add(new WireMessage(
                        key.wireName() + "Request",
                        key.lowestVersion(),
                        key.highestVersion(),
                        Arrays.asList(type.requestSchemas()),
                        key::newRequest,
                        type::newRequest));
                all.add(new WireMessage(
                        key.wireName() + "Response",
                        key.lowestVersion(),
                        key.highestVersion(),
                        Arrays.asList(type.responseSchemas()),
                        key::newResponse,
                        type::newResponse));
            }
        }
        all.add(new WireMessage(
                "RequestHeader",
                1,
                2,
                Arrays.asList(org.apache.kafka.common.message.RequestHeaderData.SCHEMAS),
                RequestHeaderData::new,
                org.apache.kafka.common.message.RequestHeaderData::new));
        all.add(new WireMessage(
                "ResponseHeader",
                0,
                1,
                Arrays.asList(org.apache.kafka.common.message.ResponseHeaderData.SCHEMAS),
                ResponseHeaderData::new,
                org.apache.kafka.common.message.ResponseHeaderData::new));
        return all;
    }

    public Schema schema(short version) {
        return schemas.get(version);
    }

    public Stream<Short> versions() {
        return IntStream.rangeClosed(lowest, highest).mapToObj(version -> (short) version);
    }

    @Override
    public String toString() {
        return name;
    }
}
