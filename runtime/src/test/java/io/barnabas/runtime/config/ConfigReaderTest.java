package io.barnabas.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
    @Test
    @DisplayName("all mistakes are reported in one message, each with key, value and what is allowed")
    void allMistakesAtOnce() {
        var reader = new ConfigReader(Map.of("num", "x", "size", "3", "flag", "ja", "kind", "c"));

        assertThat(reader.integer("num", 7)).isEqualTo(7);
        reader.bytes("size", 100, ConfigReader.atLeast(14));
        reader.bool("flag", true);
        reader.string("kind", "a", ConfigReader.oneOf("a", "b"));

        assertThatThrownBy(reader::orThrow)
                .isInstanceOf(ConfigException.class)
                .hasMessage("num=x: must be a whole number of 32 bits\nsize=3: must be at least 14\n"
                        + "flag=ja: must be true or false\nkind=c: must be one of a, b");
    }

    @Test
    @DisplayName("values are trimmed, lists drop empty elements, absent keys give the default")
    void valuesAsInPropertiesFiles() {
        var reader = new ConfigReader(Map.of("n", " 5 ", "l", " a, b ,,c", "b", " TRUE "));

        assertThat(reader.longValue("n", 0)).isEqualTo(5);
        assertThat(reader.list("l", List.of())).containsExactly("a", "b", "c");
        assertThat(reader.bool("b", false)).isTrue();
        assertThat(reader.decimal("absent", 0.5, ConfigReader.atLeast(0))).isEqualTo(0.5);
        reader.orThrow();
    }

    @Test
    @DisplayName("keys nobody asked for are known, so that a typing error can be warned of")
    void unreadKeys() {
        var reader = new ConfigReader(Map.of("log.dir", "/tmp", "log.dri", "/tmp"));

        reader.string("log.dir", "");

        assertThat(reader.unread()).containsExactly("log.dri");
    }
}
