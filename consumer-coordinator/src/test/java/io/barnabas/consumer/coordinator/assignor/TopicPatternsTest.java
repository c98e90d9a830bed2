package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;

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
}
