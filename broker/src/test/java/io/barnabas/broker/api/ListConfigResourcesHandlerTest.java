package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ListConfigResourcesRequestData;
import io.barnabas.protocol.message.ListConfigResourcesResponseData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ListConfigResourcesHandlerTest {
    private final ListConfigResourcesHandler handler = new ListConfigResourcesHandler(new Clusters()
            .broker(1, "PLAINTEXT")
            .topic("t", 1, 1)
            .topic("a", 1, 1)
            .configs(new DynamicConfigs(
                    Map.of(), Map.of(), Map.of(), Map.of("g", Map.of("consumer.session.timeout.ms", "50000"))))
            .current());

    @Test
    @DisplayName("without types everything that has a configuration is told, groups only if they set something")
    void all() {
        assertThat(ask(1)).containsExactly("2:a", "2:t", "4:1", "8:1", "32:g");
    }

    @Test
    @DisplayName("only the types asked for, and none twice; there are no client metrics")
    void some() {
        assertThat(ask(1, 32, 32)).containsExactly("32:g");
        assertThat(ask(1, 16)).isEmpty();
    }

    @Test
    @DisplayName("version 0 asks for client metrics alone")
    void version0() {
        assertThat(ask(0)).isEmpty();
    }

    @Test
    @DisplayName("a type that nobody knows is refused")
    void unknown() {
        assertThat(ErrorCode.of(response(1, 2, 99).errorCode)).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        assertThat(response(1, 2, 99).configResources).isEmpty();
    }

    private List<String> ask(int version, int... types) {
        return response(version, types).configResources.stream()
                .map(line -> line.resourceType + ":" + line.resourceName)
                .toList();
    }

    private ListConfigResourcesResponseData response(int version, int... types) {
        ListConfigResourcesRequestData request = new ListConfigResourcesRequestData();
        for (int type : types) {
            request.resourceTypes.add((byte) type);
        }
        return KeptReply.ask(
                handler,
                FakeContext.of(ApiKey.LIST_CONFIG_RESOURCES, version),
                request,
                ListConfigResourcesResponseData.class);
    }
}
