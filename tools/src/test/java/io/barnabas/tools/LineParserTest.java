package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LineParserTest {
    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static String parsed(String line, Map<String, String> properties) {
        ProducerRecord<byte[], byte[]> record =
                new LineParser("t", properties).parse(line.getBytes(StandardCharsets.UTF_8));
        StringBuilder headers = new StringBuilder();
        for (Header header : record.headers()) {
            headers.append(header.key())
                    .append('=')
                    .append(text(header.value()))
                    .append(';');
        }
        return headers + "|" + text(record.key()) + "|" + text(record.value());
    }

    @Test
    @DisplayName("a line is a value, unless a key or headers are asked for")
    void partsOfALine() {
        assertThat(parsed("k\tv", Map.of())).isEqualTo("|null|k\tv");
        assertThat(parsed("k\tv\tw", Map.of("parse.key", "true"))).isEqualTo("|k|v\tw");
        assertThat(parsed("h:1,i:\tv", Map.of("parse.headers", "true"))).isEqualTo("h=1;i=;|null|v");
        assertThat(parsed("h:1,i:a:b\tk\tv", Map.of("parse.headers", "true", "parse.key", "true")))
                .isEqualTo("h=1;i=a:b;|k|v");
        assertThat(parsed("k->v", Map.of("parse.key", "true", "key.separator", "->")))
                .isEqualTo("|k|v");
    }

    @Test
    @DisplayName("the null marker makes keys, values and header values null, and all headers none")
    void nullMarker() {
        Map<String, String> all = Map.of("parse.headers", "true", "parse.key", "true", "null.marker", "NULL");

        assertThat(parsed("NULL\tNULL\tNULL", all)).isEqualTo("|null|null");
        assertThat(parsed("h:NULL\tk\t", all)).isEqualTo("h=null;|k|");
        assertThatThrownBy(() -> parsed("NULL:v\tk\tv", all)).hasMessageContaining("key of a header");
    }

    @Test
    @DisplayName("a missing part is a failure that names the line, or passed over with ignore.error")
    void missingParts() {
        LineParser strict = new LineParser("t", Map.of("parse.key", "true"));
        strict.parse("k\tv".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> strict.parse("v".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining("line 2");
        assertThat(parsed("v", Map.of("parse.key", "true", "ignore.error", "true")))
                .isEqualTo("|null|v");
        assertThat(parsed("h\tv", Map.of("parse.headers", "true", "ignore.error", "true")))
                .isEqualTo("h=null;|null|v");
    }
}
