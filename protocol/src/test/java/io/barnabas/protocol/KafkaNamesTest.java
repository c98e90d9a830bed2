package io.barnabas.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KafkaNamesTest {
    @Test
    @DisplayName("error codes, their names and which of them clients retry are Kafka's")
    void errorCodesAreKafkas() {
        for (ErrorCode error : ErrorCode.values()) {
            Errors theirs = Errors.forCode(error.code());
            assertThat(theirs.name()).isEqualTo(error.name());
            assertThat(theirs.code()).isEqualTo(error.code());
            assertThat(theirs.exception() instanceof RetriableException)
                    .as(error.name())
                    .isEqualTo(error.isRetriable());
            assertThat(ErrorCode.of(error.code())).isEqualTo(error);
        }
        assertThat(ErrorCode.of((short) -2)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
        assertThat(ErrorCode.of((short) 9_999)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    @DisplayName("(WIRE-33) APIs, their numbers, versions and header versions are Kafka's")
    void apisAreKafkas() {
        assertThat(ApiKey.values()).hasSameSizeAs(ApiMessageType.values());
        for (ApiMessageType theirs : ApiMessageType.values()) {
            ApiKey key = ApiKey.find(theirs.apiKey());
            assertThat(key.name()).isEqualTo(theirs.name());
            assertThat(key.id()).isEqualTo(theirs.apiKey());
            assertThat(key.highestVersion()).isEqualTo(theirs.highestSupportedVersion(true));
            assertThat(key.highestStableVersion()).isEqualTo(theirs.highestSupportedVersion(false));
            if (key.highestVersion() >= 0) {
                assertThat(key.lowestVersion()).isEqualTo(theirs.lowestSupportedVersion());
                for (short version = key.lowestVersion(); version <= key.highestVersion(); version++) {
                    assertThat(key.isFlexibleRequest(version)).isEqualTo(theirs.requestHeaderVersion(version) >= 2);
                    assertThat(key.isFlexibleResponse(version) && key != ApiKey.API_VERSIONS)
                            .isEqualTo(theirs.responseHeaderVersion(version) >= 1);
                }
            }
        }
        assertThat(ApiKey.find((short) -1)).isNull();
        assertThat(ApiKey.find((short) 999)).isNull();
        assertThat(ApiKey.find((short) ApiKeys.values().length)).isNull();
    }

    @Test
    @DisplayName("(WIRE-10) a version that is not stable yet is known but not to be advertised")
    void unstableVersions() {
        assertThat(ApiKey.INIT_PRODUCER_ID.highestVersion()).isEqualTo((short) 6);
        assertThat(ApiKey.INIT_PRODUCER_ID.highestStableVersion()).isEqualTo((short) 5);
    }

    @Test
    @DisplayName("(WIRE-06) removed APIs are named but have neither versions nor messages")
    void removedApis() {
        assertThat(ApiKey.LEADER_AND_ISR.hasVersion((short) 0)).isFalse();
        assertThatThrownBy(ApiKey.LEADER_AND_ISR::newRequest).isInstanceOf(IllegalStateException.class);
    }
}
