package io.barnabas.broker.server;

import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerNetwork;
import io.netty.channel.ChannelFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What becomes of one connect, on the channel's loop: it fails, or the connection opens and some time ends. A connection may have ended before
 * it is heard that it was made (a listener added late is told late); it is told to be open all the same, and at once to have ended.
 */
final class ConnectAttempt {
    private final BiConsumer<LinkEnd, String> onEnd;
    private final Consumer<PeerClient.Opened> onOpen;
    private final BiConsumer<PeerNetwork.Failure, String> onFailed;
    private OutgoingConnection connection;
    private boolean opened;

    /** What is told once it has opened; null if it has not ended. */
    private Runnable early;

    ConnectAttempt(
            BiConsumer<LinkEnd, String> onEnd,
            Consumer<PeerClient.Opened> onOpen,
            BiConsumer<PeerNetwork.Failure, String> onFailed) {
        this.onEnd = onEnd;
        this.onOpen = onOpen;
        this.onFailed = onFailed;
    }

    /** There is a channel, not yet connected. */
    void onMade(OutgoingConnection made) {
        connection = made;
    }

    void onConnected(ChannelFuture connecting) {
        if (!connecting.isSuccess()) {
            onFailed.accept(PeerClient.failureOf(connecting.cause()), String.valueOf(connecting.cause()));
            return;
        }
        opened = true;
        onOpen.accept(new PeerClient.Opened(connection, connecting.channel()));
        if (early != null) {
            early.run();
        }
    }

    void onEnd(LinkEnd how, String why) {
        if (opened) {
            onEnd.accept(how, why);
        } else {
            early = () -> onEnd.accept(how, why);
        }
    }
}
