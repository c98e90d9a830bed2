package io.barnabas.broker.peer;

import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** Finds out whether nobody listens where a broker was. */
public final class RefusalProbe {
    private static final long TIMEOUT_MS = 2_000;

    /** A broker has a handful of listeners; nobody has us knock at more doors. */
    private static final int MOST_ENDPOINTS = 8;

    private final PeerNetwork network;
    private final EventLoop loop;

    public RefusalProbe(PeerNetwork network, EventLoop loop) {
        this.network = network;
        this.loop = loop;
    }

    /** What came of knocking everywhere. */
    public enum Result {
        /** Every one refused. */
        REFUSED,
        /** At least one accepted. */
        REACHED,
        /** Anything else: it says nothing. */
        OTHER
    }

    /** Connects to each of them, once, and hangs up again. Any thread; the answer comes on the loop. */
    public CompletionStage<Result> at(List<Endpoint> endpoints) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        if (endpoints.isEmpty() || endpoints.size() > MOST_ENDPOINTS) {
            result.complete(Result.OTHER);
            return result;
        }
        try {
            loop.execute(() -> {
                Round round = new Round(endpoints.size(), result);
                endpoints.forEach(endpoint -> network.connect(endpoint, loop, TIMEOUT_MS, round));
            });
        } catch (RejectedExecutionException stopping) {
            result.complete(Result.OTHER);
        }
        return result;
    }

    private static final class Round implements PeerNetwork.Listener {
        private final CompletableFuture<Result> result;
        private int missing;
        private boolean inconclusive;

        Round(int missing, CompletableFuture<Result> result) {
            this.missing = missing;
            this.result = result;
        }

        @Override
        public void onOpen(PeerLink link) {
            link.close();
            result.complete(Result.REACHED);
        }

        @Override
        public void onFailed(PeerNetwork.Failure failure, String why) {
            inconclusive |= failure != PeerNetwork.Failure.REFUSED;
            missing--;
            if (missing == 0) {
                result.complete(inconclusive ? Result.OTHER : Result.REFUSED);
            }
        }

        @Override
        public void onEnd(LinkEnd how, String why) {
            // it was opened, and that is all there is to know
        }
    }
}
