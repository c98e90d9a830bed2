package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TopicPatternsTest {
    @Test
    @DisplayName("(GROUP-35) an expression has to match the whole name")
    void wholeNamesMatch() {
        TopicPatterns patterns = TopicPatterns.compile("orders-[0-9]+").patterns();

        assertThat(patterns.matching(List.of("orders-1", "orders-", "my-orders-1", "orders-22", "orders-1x")))
                .containsExactly("orders-1", "orders-22");
    }

    @Test
    @DisplayName("(GROUP-35) what is wrong with an expression is said; look-ahead and back references are not RE2")
    void mistakesAreTold() {
        assertThat(TopicPatterns.compile("[").mistake()).isEqualTo("missing closing ]: [");
        assertThat(TopicPatterns.compile("(?=x)").mistake()).startsWith("invalid or unsupported Perl syntax");
        assertThat(TopicPatterns.compile("(a)\\1").mistake()).startsWith("invalid escape sequence");
        assertThat(TopicPatterns.compile("*").patterns()).isNull();
    }

    @Test
    @DisplayName("(GROUP-35) an expression that would backtrack without end is matched like any other")
    void catastrophicBacktrackingIsHarmless() {
        String name = "a".repeat(248) + "!";
        for (String expression : List.of("(a+)+", "(a|aa)+", "(a|a?)+", "(.*a){20}")) {
            assertThat(TopicPatterns.compile(expression).patterns().matching(Collections.nCopies(100, name)))
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("(GROUP-35) length, depth and compiled size are bounded")
    void hostileSizesAreRefused() {
        assertThat(TopicPatterns.compile("a".repeat(5_000)).mistake()).contains("longer than 4096");
        assertThat(TopicPatterns.compile("(".repeat(2_000) + ")".repeat(2_000)).mistake())
                .contains("nested deeper");
        assertThat(TopicPatterns.compile("(a{1000})".repeat(30)).mistake()).contains("too large");
        assertThat(TopicPatterns.compile("((a{100}){100}){100}").patterns()).isNull();
    }

    @Test
    @DisplayName("(GROUP-35) what would fill all memory if it were written out is not even compiled")
    void hostileRepetitionsAreNotWrittenOut() {
        for (String expression : List.of(
                "(((a{1000}){1000}){1000}){1000}",
                "((\\Q(\\Ea{1000}){1000}){1000}",
                "(([)]{1000}){1000}){1000}",
                "((\\){1000}){1000}){1000}",
                "(([[:alpha:])]{1,1000}){999,}){1000}",
                "((\\p{Greek}{1000}){1000}){1000}")) {
            assertThat(TopicPatterns.compile(expression).mistake()).contains("too large");
        }
    }

    @Test
    @DisplayName("(GROUP-35) ordinary expressions may count, and the weight of an expression follows its compiled size")
    void weightFollowsSize() {
        String hex = "[0-9a-f]";
        String uuid = hex + "{8}-" + hex + "{4}-" + hex + "{4}-" + hex + "{4}-" + hex + "{12}";
        for (String expression : List.of(
                uuid,
                "a{1000}",
                "(ab?c*){50}",
                "x{0,1000}",
                "(x{3,}|y){20}",
                "(a|b|cd)+{1}",
                "\\Qa{9}(b\\E{7}",
                "[^]a(]{30}",
                "((a{9}){9}){9}",
                "((((x?y{2,3}){4}z)|w){5}){6}")) {
            TopicPatterns.Result compiled = TopicPatterns.compile(expression);
            if (compiled.mistake() == null) {
                long size = Pattern.compile(expression).programSize();
                assertThat(PatternWeight.of(expression) * 3 + 10).as(expression).isGreaterThanOrEqualTo(size);
                assertThat(PatternWeight.of(expression)).as(expression).isLessThanOrEqualTo(size * 3);
            }
        }
        assertThat(TopicPatterns.compile(uuid).mistake()).isNull();
    }
}
