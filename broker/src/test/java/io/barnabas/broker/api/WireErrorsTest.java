package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WireErrorsTest {
    @Test
    @DisplayName("every reason has an error code, and none is taken for success")
    void everyReasonHasACode() {
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            assertThat(WireErrors.of(reason)).as("%s", reason).isNotEqualTo(ErrorCode.NONE);
        }
        assertThat(WireErrors.of(Refusal.Reason.STORAGE_ERROR)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
}
