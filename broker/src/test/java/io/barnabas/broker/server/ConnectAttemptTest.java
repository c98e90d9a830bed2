package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.peer.LinkEnd;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConnectAttemptTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> heard = new ArrayList<>();
    private final ConnectAttempt attempt = new ConnectAttempt(
            (how, why) -> heard.add("ended " + how),
            opened -> heard.add("open"),
            (failure, why) -> heard.add("failed " + failure));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    @DisplayName("a connection opens and ends")
    void opensAndEnds() {
        attempt.onConnected(channel.newSucceededFuture());
        assertThat(heard).containsExactly("open");

        attempt.onEnd(LinkEnd.RESET, "for the test");
        assertThat(heard).containsExactly("open", "ended RESET");
    }

    @Test
    @DisplayName("(FFD-01) one that has ended before it is heard that it was made is open first, then over")
    void endsBeforeItIsHeard() {
        attempt.onEnd(LinkEnd.LOCAL, "for the test");
        assertThat(heard).isEmpty();

        attempt.onConnected(channel.newSucceededFuture());
        assertThat(heard).containsExactly("open", "ended LOCAL");
    }

    @Test
    @DisplayName("(FFD-01) of one that was never made the failure is told, and no end")
    void fails() {
        attempt.onEnd(LinkEnd.RESET, "the channel was closed");
        attempt.onConnected(channel.newFailedFuture(new ConnectException("Connection refused")));

        assertThat(heard).containsExactly("failed REFUSED");
    }
}
