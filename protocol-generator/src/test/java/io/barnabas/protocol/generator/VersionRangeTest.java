package io.barnabas.protocol.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionRangeTest {
    @ParameterizedTest
    @CsvSource({"3, 3, 3", "3+, 3, 32767", "3-7, 3, 7", "0+, 0, 32767", "' 2-2 ', 2, 2"})
    @DisplayName("versions are one, a run, or open at the end")
    void parsing(String text, int lowest, int highest) {
        assertThat(VersionRange.parse(text)).isEqualTo(new VersionRange(lowest, highest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", ""})
    @DisplayName("none is empty")
    void none(String text) {
        assertThat(VersionRange.parse(text).isEmpty()).isTrue();
        assertThat(VersionRange.parse(text)).hasToString("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "3-", "-3", "7-3", "3++", "1,2"})
    @DisplayName("anything else stops the build")
    void nonsense(String text) {
        assertThatThrownBy(() -> VersionRange.parse(text)).isInstanceOf(SchemaException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0-5, 3+, 3-5, 0-2",
        "3-7, 0-4, 3-4, 5-7",
        "3-7, 8+, none, 3-7",
        "3-7, 0+, 3-7, none",
        "0-9, 3-5, 3-5, 0-9"
    })
    @DisplayName("the common part, and what is left without it unless a hole would be")
    void sets(String range, String other, String common, String rest) {
        VersionRange left = VersionRange.parse(range);
        VersionRange right = VersionRange.parse(other);

        assertThat(left.and(right)).hasToString(common);
        assertThat(left.minus(right)).hasToString(rest);
    }

    @Test
    @DisplayName("a tagged field has its place in the struct only in versions before it was tagged")
    void before() {
        assertThat(VersionRange.parse("0+").before(VersionRange.parse("3+"))).hasToString("0-2");
        assertThat(VersionRange.parse("3+").before(VersionRange.parse("3+")).isEmpty())
                .isTrue();
        assertThat(VersionRange.parse("0+").before(VersionRange.parse("0+")).isEmpty())
                .isTrue();
        assertThat(VersionRange.parse("1-4").before(VersionRange.NONE)).hasToString("1-4");
    }

    @Test
    @DisplayName("every range covers the empty one, and none is covered by less")
    void covers() {
        assertThat(VersionRange.parse("3").covers(VersionRange.NONE)).isTrue();
        assertThat(VersionRange.parse("0+").covers(VersionRange.parse("3-7"))).isTrue();
        assertThat(VersionRange.parse("4-7").covers(VersionRange.parse("3-7"))).isFalse();
        assertThat(VersionRange.NONE.covers(VersionRange.parse("3"))).isFalse();
    }
}
