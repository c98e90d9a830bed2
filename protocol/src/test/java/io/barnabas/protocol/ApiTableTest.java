package io.barnabas.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.protocol.ApiTable.Advertised;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ApiTableTest {
    @Test
    @DisplayName("(WIRE-06) what is not served is not found: other APIs, and versions outside the range")
    void onlyServedVersionsAreFound() {
        var table = new ApiTable<String>().serve(ApiKey.FETCH, 4, 17, "fetch");

        assertThat(table.find((short) 1, (short) 4).handler()).isEqualTo("fetch");
        assertThat(table.find((short) 1, (short) 17).key()).isEqualTo(ApiKey.FETCH);
        assertThat(table.find((short) 1, (short) 3)).isNull();
        assertThat(table.find((short) 1, (short) 18)).isNull();
        assertThat(table.find((short) 1, (short) -1)).isNull();
        assertThat(table.find((short) 0, (short) 4)).isNull();
        assertThat(table.find((short) 999, (short) 0)).isNull();
        assertThat(table.find((short) -1, (short) 0)).isNull();
    }

    @Test
    @DisplayName("(WIRE-10) nothing is advertised but what is served, in order of API number")
    void onlyServedApisAreAdvertised() {
        var table = new ApiTable<String>().serve(ApiKey.METADATA, 0, 12, "m").serve(ApiKey.FETCH, 4, 17, "f");

        assertThat(table.advertised())
                .containsExactly(
                        new Advertised(ApiKey.FETCH, (short) 4, (short) 17),
                        new Advertised(ApiKey.METADATA, (short) 0, (short) 12));
        assertThat(table.served()).extracting(ApiTable.Served::handler).containsExactly("f", "m");
        assertThatThrownBy(() -> table.advertise(ApiKey.PRODUCE, 0, 13)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("(WIRE-09) Produce is advertised from version 0 on although 0 to 2 are refused")
    void produceIsAdvertisedFromZero() {
        var table = new ApiTable<String>().serve(ApiKey.PRODUCE, 3, 13, "p").advertise(ApiKey.PRODUCE, 0, 13);

        assertThat(table.advertised()).containsExactly(new Advertised(ApiKey.PRODUCE, (short) 0, (short) 13));
        assertThat(table.find((short) 0, (short) 2)).isNull();
        assertThat(table.find((short) 0, (short) 3)).isNotNull();
    }

    @Test
    @DisplayName("versions that cannot be read cannot be served, nor an API twice")
    void impossibleTables() {
        var table = new ApiTable<String>().serve(ApiKey.FETCH, 4, 17, "f");

        assertThatThrownBy(() -> table.serve(ApiKey.PRODUCE, 0, 13, "p")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.serve(ApiKey.PRODUCE, 5, 4, "p")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.serve(ApiKey.LEADER_AND_ISR, 0, 7, "l"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.serve(ApiKey.FETCH, 4, 17, "f")).isInstanceOf(IllegalArgumentException.class);
    }
}
