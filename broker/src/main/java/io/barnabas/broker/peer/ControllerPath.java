package io.barnabas.broker.peer;

import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Deadline;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings requests to the controller over one channel, which is made when there is something to ask and follows the office. What was
 * certainly not heard is asked again, of the next controller if there is another by then; what may have been heard is not, unless it
 * does no harm twice.
 */
public final class ControllerPath implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerPath.class);

    /** So long a request waits for somebody to be controller, and to be reached. */
    private static final long PATIENCE_MS = 5_000;

    private static final long RETRY_MS = 50;

    /** The controller says itself that a request's time is up; this much later it has not even said that. */
    private static final long GRACE_MS = 2_000;

    /** Whatever timeout a client names. */
    private static final long LONGEST_MS = 120_000;

    private final ControllerRoute.AtHome home;
    private final PeerDirectory directory;
    private final PeerNetwork network;
    private final PeerPassport passport;
    private final KryoControlCodec codec;
    private final EventLoop loop;
    private final Clock clock;

    private volatile BrokerId obeyed = BrokerId.NONE;

    // all below: on the loop
    private BrokerId target = BrokerId.NONE;
    private PeerChannel channel;
    private boolean opening;

    /** Counts the ways that were tried or given up: what comes of an earlier one is of no interest. */
    private long tries;

    private boolean lastFailed;
    private boolean closed;
    private final List<Ask<?>> waiting = new ArrayList<>();

    /** @param loop not blocked by anyone; closed by its owner, after this */
    public ControllerPath(
            ControllerRoute.AtHome home,
            PeerDirectory directory,
            PeerNetwork network,
            PeerPassport passport,
            KryoControlCodec codec,
            EventLoop loop,
            Clock clock) {
        this.home = home;
        this.directory = directory;
        this.network = network;
        this.passport = passport;
        this.codec = codec;
        this.loop = loop;
        this.clock = clock;
    }

    /** How one request is asked and understood. */
    record Question<T>(
            PeerRequest request,
            long timeoutMs,
            boolean repeatable,
            Function<ControllerClient, CompletionStage<T>> atHome,
            Function<PeerReply, T> read,
            Function<Refusal, T> refused) {}

    /** Any thread; answers come on the loop, or where the controller at home answers. */
    <T> CompletionStage<T> ask(Question<T> question) {
        Ask<T> ask = new Ask<>(question);
        try {
            loop.execute(ask::begin);
        } catch (RejectedExecutionException stopping) {
            ask.fail("this broker is stopping");
        }
        return ask.answer;
    }

    /** Brokers obey this controller now: who waits for an answer of the one before waits in vain. Any thread. */
    public void onController(BrokerId controller) {
        if (!controller.equals(obeyed)) {
            obeyed = controller;
            onLoop(() -> {
                if (!target.isNone() && !target.equals(controller)) {
                    disconnect();
                }
            });
        }
    }

    /** Fails what is under way. */
    @Override
    public void close() {
        try {
            loop.execute(() -> {
                closed = true;
                disconnect();
                List<Ask<?>> all = List.copyOf(waiting);
                waiting.clear();
                all.forEach(ask -> ask.fail("this broker is stopping"));
            });
        } catch (RejectedExecutionException closedBefore) {
            LOG.debug("nothing asks the controller any more");
        }
    }

    private final class Ask<T> {
        private final Question<T> question;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final Deadline patience;
        private Timer timeout;
        private boolean heard;

        Ask(Question<T> question) {
            this.question = question;
            patience = Deadline.after(clock, Math.min(PATIENCE_MS, Math.max(0, question.timeoutMs)));
        }

        void begin() {
            long limit = Math.min(LONGEST_MS, Math.max(0, question.timeoutMs)) + GRACE_MS;
            timeout = loop.schedule(this::onTimeout, limit);
            attempt();
        }

        void attempt() {
            if (answer.isDone()) {
                return;
            }
            if (closed) {
                fail("this broker is stopping");
                return;
            }
            if (home.isController()) {
                question.atHome.apply(home.client()).whenComplete((value, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(value);
                    }
                });
                return;
            }
            BrokerId controller = home.controller();
            if (controller.isNone() || controller.equals(passport.self())) {
                later();
            } else {
                over(controller);
            }
        }

        private void over(BrokerId controller) {
            if (!controller.equals(target)) {
                disconnect();
                target = controller;
            }
            if (channel != null && channel.isReady()) {
                heard = true;
                channel.ask(question.request, LONGEST_MS + 2 * GRACE_MS, this::onReply, lost -> onLost());
                return;
            }
            waiting.add(this);
            if (!opening) {
                connect();
            }
        }

        private void onReply(PeerReply reply) {
            if (reply instanceof PeerReply.Refused no) {
                if (no.refusal().reason() == Reason.NOT_CONTROLLER) {
                    heard = false;
                    later();
                } else {
                    complete(question.refused.apply(no.refusal()));
                }
                return;
            }
            T value = question.read.apply(reply);
            if (value == null) {
                LOG.atWarn()
                        .addKeyValue("controller", target)
                        .addKeyValue("request", question.request.getClass().getSimpleName())
                        .addKeyValue("reply", reply.getClass().getSimpleName())
                        .log("the controller answered something else");
                fail("the controller answered something else");
            } else {
                complete(value);
            }
        }

        private void onLost() {
            if (question.repeatable) {
                heard = false;
                later();
            } else {
                fail("the way to the controller was lost; whether it heard is not known");
            }
        }

        /** Once more a little later, or no more. */
        void later() {
            if (patience.isPast(clock)) {
                complete(question.refused.apply(new Refusal(Reason.NOT_CONTROLLER, "no controller can be reached")));
            } else {
                loop.schedule(this::attempt, RETRY_MS);
            }
        }

        private void onTimeout() {
            if (answer.isDone()) {
                return;
            }
            waiting.remove(this);
            if (heard) {
                fail("the controller did not answer in time");
                disconnect();
            } else {
                complete(question.refused.apply(
                        new Refusal(Reason.NOT_CONTROLLER, "no controller was reached in time")));
            }
        }

        private void complete(T value) {
            answer.complete(value);
            timeout.cancel();
        }

        void fail(String why) {
            answer.completeExceptionally(new CoordinationException(why));
            if (timeout != null) {
                timeout.cancel();
            }
        }
    }

    private void connect() {
        opening = true;
        long mine = ++tries;
        BrokerId broker = target;
        directory
                .find(broker, lastFailed)
                .whenComplete((endpoint, failure) -> onLoop(() -> {
                    if (mine != tries) {
                        return;
                    }
                    if (failure != null || endpoint == null) {
                        LOG.atInfo()
                                .addKeyValue("controller", broker)
                                .setCause(failure)
                                .log("it is not known where the controller is");
                        lastFailed = true;
                        release(Ask::later);
                    } else {
                        open(broker, endpoint);
                    }
                }));
    }

    private void open(BrokerId broker, Endpoint endpoint) {
        PeerChannel[] mine = new PeerChannel[1];
        mine[0] = PeerChannel.open(network, codec, passport, broker, endpoint, loop, new PeerChannel.Listener() {
            @Override
            public void onFailed(PeerNetwork.Failure failure, String why) {
                onGone(why);
            }

            @Override
            public void onReady(long brokerEpoch, UUID incarnation) {
                if (channel == mine[0]) {
                    lastFailed = false;
                    release(Ask::attempt);
                }
            }

            @Override
            public void onEnd(LinkEnd how, String why) {
                onGone(why);
            }

            private void onGone(String why) {
                if (channel == mine[0]) {
                    channel = null;
                    lastFailed = true;
                    LOG.atInfo()
                            .addKeyValue("controller", broker)
                            .addKeyValue("why", why)
                            .log("the way to the controller is lost");
                    release(Ask::later);
                }
            }
        });
        channel = mine[0];
    }

    private void release(Consumer<Ask<?>> to) {
        opening = false;
        List<Ask<?>> released = List.copyOf(waiting);
        waiting.clear();
        released.forEach(to);
    }

    private void disconnect() {
        PeerChannel old = channel;
        tries++;
        channel = null;
        target = BrokerId.NONE;
        if (old != null) {
            old.close();
        }
        if (opening) {
            release(Ask::later);
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("nothing asks the controller any more");
        }
    }
}
