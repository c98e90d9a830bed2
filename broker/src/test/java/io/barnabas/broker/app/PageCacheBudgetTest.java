package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PageCacheBudgetTest {
    private static final List<String> EIGHT_GIB = List.of("MemTotal:        8388608 kB", "MemFree:  1024 kB");

    @Test
    @DisplayName("the container's limit counts where it is smaller than the machine (FETCH-26)")
    void theSmallerCounts() {
        assertThat(PageCacheBudget.memoryBytes(EIGHT_GIB, List.of("2147483648")))
                .isEqualTo(2L << 30);
        assertThat(PageCacheBudget.memoryBytes(EIGHT_GIB, List.of("max"))).isEqualTo(8L << 30);
        assertThat(PageCacheBudget.memoryBytes(EIGHT_GIB, List.of())).isEqualTo(8L << 30);
    }

    @Test
    @DisplayName("a machine that does not say is taken for a small one, and no budget is nothing")
    void unknownMachine() {
        assertThat(PageCacheBudget.memoryBytes(List.of(), List.of())).isEqualTo(2L << 30);
        assertThat(PageCacheBudget.perDirectory(1_000_000)).isEqualTo(256L << 20);
    }
}
