package io.barnabas.broker.peer;

import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks any broker what has nothing to do with the office of the controller, over one channel to each, made when there is something to ask and kept
 * while it lasts. Nothing is asked twice. Any thread.
 */
public final class PeerInquiries implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerInquiries.class);

    /** A link on which an answer is missing for so much longer than it was waited for is given up. */
    private static final long GRACE_MS = 10_000;

    private final PeerDirectory directory;
    private final PeerNetwork network;
    private final PeerPassport passport;
    private final KryoControlCodec codec;
    private final EventLoop loop;

    // on the loop
    private final Map<BrokerId, Line> lines = new HashMap<>();
    private boolean closed;

    /** @param loop not blocked by anyone; closed by its owner, after this */
    public PeerInquiries(
            PeerDirectory directory,
            PeerNetwork network,
            PeerPassport passport,
            KryoControlCodec codec,
            EventLoop loop) {
        this.directory = directory;
        this.network = network;
        this.passport = passport;
        this.codec = codec;
        this.loop = loop;
    }

    /** @return what it answers, on the loop; {@code Refused} with REQUEST_TIMED_OUT if it does not in time, or cannot be reached */
    public CompletionStage<PeerReply> ask(BrokerId broker, PeerRequest request, long timeoutMs) {
        Inquiry inquiry = new Inquiry(broker, request, timeoutMs);
        try {
            loop.execute(inquiry::begin);
        } catch (RejectedExecutionException stopping) {
            inquiry.fail("this broker is stopping");
        }
        return inquiry.answer;
    }

    /** Fails what is under way. */
    @Override
    public void close() {
        try {
            loop.execute(() -> {
                closed = true;
                List<Line> all = List.copyOf(lines.values());
                lines.clear();
                all.forEach(line -> line.end("this broker is stopping"));
            });
        } catch (RejectedExecutionException closedBefore) {
            LOG.debug("nobody is asked any more");
        }
    }

    private final class Inquiry {
        private final BrokerId broker;
        private final PeerRequest request;
        private final long timeoutMs;
        private final CompletableFuture<PeerReply> answer = new CompletableFuture<>();
        private Timer timeout;

        Inquiry(BrokerId broker, PeerRequest request, long timeoutMs) {
            this.broker = broker;
            this.request = request;
            this.timeoutMs = timeoutMs;
        }

        void begin() {
            if (closed) {
                fail("this broker is stopping");
                return;
            }
            timeout = loop.schedule(() -> fail("broker " + broker + " does not answer"), timeoutMs);
            Line line = lines.get(broker);
            if (line == null) {
                line = new Line(broker);
                lines.put(broker, line);
                line.find();
            }
            line.ask(this);
        }

        void complete(PeerReply reply) {
            if (timeout != null) {
                timeout.cancel();
            }
            answer.complete(reply);
        }

        void fail(String why) {
            complete(new PeerReply.Refused(new Refusal(Refusal.Reason.REQUEST_TIMED_OUT, why)));
        }
    }

    /** The channel to one broker, while it lasts. */
    private final class Line implements PeerChannel.Listener {
        private final BrokerId broker;
        private final List<Inquiry> waiting = new ArrayList<>();
        private PeerChannel channel;
        private boolean over;

        Line(BrokerId broker) {
            this.broker = broker;
        }

        void find() {
            directory.find(broker, false).whenComplete((endpoint, failure) -> onLoop(() -> open(endpoint)));
        }

        private void open(Endpoint endpoint) {
            if (over) {
                return;
            }
            if (endpoint == null) {
                end("it is not known where broker " + broker + " is");
            } else {
                channel = PeerChannel.open(network, codec, passport, broker, endpoint, loop, this);
            }
        }

        void ask(Inquiry inquiry) {
            if (channel == null || !channel.isReady()) {
                waiting.add(inquiry);
            } else if (!inquiry.answer.isDone()) {
                channel.ask(
                        inquiry.request,
                        inquiry.timeoutMs + GRACE_MS,
                        inquiry::complete,
                        lost -> inquiry.fail("the way to broker " + broker + " was lost"));
            }
        }

        @Override
        public void onReady(long brokerEpoch, UUID incarnation) {
            List<Inquiry> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(this::ask);
        }

        @Override
        public void onFailed(PeerNetwork.Failure failure, String why) {
            end("broker " + broker + " cannot be reached: " + why);
        }

        @Override
        public void onEnd(LinkEnd how, String why) {
            end("the way to broker " + broker + " was lost: " + why);
        }

        void end(String why) {
            over = true;
            lines.remove(broker, this);
            if (channel != null) {
                channel.close();
            }
            List<Inquiry> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(inquiry -> inquiry.fail(why));
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("nobody is asked any more");
        }
    }
}
