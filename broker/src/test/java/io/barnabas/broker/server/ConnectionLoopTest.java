package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConnectionLoopTest {
    private final ServerFixture fixture = new ServerFixture();
    private NettyServer server;

    @BeforeEach
    void bind() {
        server = fixture.bind(config -> config);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    @DisplayName("As many loops are lent as are asked for, but no more than there are")
    void count() {
        assertThat(server.loops(1)).hasSize(1);
        assertThat(server.loops(100)).hasSize(ServerFixture.config().networkThreads());
    }

    @Test
    @DisplayName("Tasks run in order, on the loop's own thread")
    void order() throws Exception {
        EventLoop loop = server.loops(1).get(0);
        List<Integer> seen = new ArrayList<>();
        CompletableFuture<Boolean> inLoop = new CompletableFuture<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            loop.execute(() -> seen.add(number));
        }
        loop.execute(() -> inLoop.complete(loop.inLoop()));
        assertThat(inLoop.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.inLoop()).isFalse();
        assertThat(seen).hasSize(100).isSorted();
    }

    @Test
    @DisplayName("A task that fails ends neither the loop nor what comes behind it")
    void failure() throws Exception {
        EventLoop loop = server.loops(1).get(0);
        CompletableFuture<String> next = new CompletableFuture<>();
        loop.execute(() -> {
            throw new IllegalStateException("meant to fail");
        });
        loop.schedule(
                () -> {
                    throw new AssertionError("meant to fail, too");
                },
                0);
        loop.schedule(() -> next.complete("ran"), 1);
        assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("ran");
    }

    @Test
    @DisplayName("What was cancelled does not run")
    void cancelled() throws Exception {
        EventLoop loop = server.loops(1).get(0);
        CompletableFuture<Void> later = new CompletableFuture<>();
        List<String> ran = new ArrayList<>();
        loop.execute(() -> {
            Timer timer = loop.schedule(() -> ran.add("cancelled"), 1);
            timer.cancel();
            loop.schedule(() -> later.complete(null), 2);
        });
        later.get(30, TimeUnit.SECONDS);
        assertThat(ran).isEmpty();
    }

    @Test
    @DisplayName("A loop ends with its server, having run what it was given before, and refuses what comes then")
    void end() {
        EventLoop loop = server.loops(1).get(0);
        CompletableFuture<Void> before = new CompletableFuture<>();
        loop.execute(() -> before.complete(null));
        server.close();
        assertThat(before).isCompleted();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
