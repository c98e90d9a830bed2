package io.barnabas.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The way to the controller, on a loop and a network without threads. */
class ControllerPathTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);
    private static final long TIMEOUT_MS = 60_000;
    private static final PeerRequest REQUEST = new PeerRequest.ShutDown(SELF, 100);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final KryoControlCodec codec = new KryoControlCodec();
    private final List<AskedLink> links = new ArrayList<>();
    private final Home home = new Home();
    private final ControllerPath path = new ControllerPath(
            home,
            (broker, fresh) ->
                    CompletableFuture.completedFuture(new Endpoint("PLAINTEXT", "PLAINTEXT", "host", broker.value())),
            this::connect,
            passport(SELF),
            codec,
            loop,
            clock);

    private static final class Home implements ControllerRoute.AtHome {
        private BrokerId controller = TWO;

        @Override
        public boolean isController() {
            return false;
        }

        @Override
        public BrokerId controller() {
            return controller;
        }

        @Override
        public ControllerClient client() {
            throw new AssertionError("this broker is not controller");
        }
    }

    @Test
    @DisplayName(
            "who waits for a controller that is obeyed no longer hears at once: what does no harm twice is asked of the next")
    void controllerChanges() {
        path.onController(TWO);
        CompletionStage<String> twice = ask(true);
        CompletionStage<String> once = ask(false);
        loop.runAll();
        AskedLink frozen = links.get(0);
        assertThat(frozen.to).isEqualTo(TWO);
        assertThat(frozen.asked).hasSize(2);

        home.controller = THREE;
        path.onController(THREE);
        loop.runAll();
        assertThat(once.toCompletableFuture()).isCompletedExceptionally();
        assertThat(twice.toCompletableFuture()).isNotDone();

        loop.advanceMillis(100);
        AskedLink next = links.get(1);
        assertThat(next.to).isEqualTo(THREE);
        next.answerAll(new PeerReply.Accepted());
        loop.runAll();
        assertThat(twice.toCompletableFuture()).isCompletedWithValue("done");
    }

    @Test
    @DisplayName("that the same controller is obeyed still, or the one that is asked already, disturbs nobody")
    void sameController() {
        CompletionStage<String> answer = ask(false);
        loop.runAll();
        path.onController(TWO);
        path.onController(TWO);
        loop.runAll();

        links.get(0).answerAll(new PeerReply.Accepted());
        loop.runAll();

        assertThat(answer.toCompletableFuture()).isCompletedWithValue("done");
        assertThat(links).hasSize(1);
    }

    @Test
    @DisplayName("who is controller no longer says so, and the next is asked, whether twice does harm or not")
    void notController() {
        CompletionStage<String> answer = ask(false);
        loop.runAll();
        home.controller = THREE;
        links.get(0).answerAll(new PeerReply.Refused(new Refusal(Reason.NOT_CONTROLLER, "no more")));
        loop.advanceMillis(100);

        links.get(1).answerAll(new PeerReply.Accepted());
        loop.runAll();

        assertThat(answer.toCompletableFuture()).isCompletedWithValue("done");
    }

    @Test
    @DisplayName("without any controller a request is refused after some patience")
    void nobody() {
        home.controller = BrokerId.NONE;
        CompletionStage<String> answer = ask(true);
        loop.advanceMillis(4_000);
        assertThat(answer.toCompletableFuture()).isNotDone();

        loop.advanceMillis(2_000);

        assertThat(answer.toCompletableFuture()).isCompletedWithValue("refused: NOT_CONTROLLER");
        assertThat(links).isEmpty();
    }

    private CompletionStage<String> ask(boolean repeatable) {
        return path.ask(new ControllerPath.Question<>(
                REQUEST,
                TIMEOUT_MS,
                repeatable,
                client -> CompletableFuture.failedFuture(new AssertionError("not at home")),
                reply -> reply instanceof PeerReply.Accepted ? "done" : null,
                refusal -> "refused: " + refusal.reason()));
    }

    private void connect(Endpoint to, EventLoop on, long timeoutMs, PeerNetwork.Listener listener) {
        AskedLink link = new AskedLink(new BrokerId(to.port()), listener);
        links.add(link);
        on.execute(() -> listener.onOpen(link));
    }

    private static PeerPassport passport(BrokerId id) {
        return new PeerPassport(
                new byte[32], "cluster", id, () -> 100, new UUID(0, id.value()), new Random(id.value()));
    }

    /** Believes who is at the other end, and answers when the test says so. */
    private final class AskedLink implements PeerLink {
        private final BrokerId to;
        private final PeerNetwork.Listener listener;
        private final PeerHandshake.ServerSide handshake;
        private final List<Answer> asked = new ArrayList<>();
        private boolean over;

        AskedLink(BrokerId to, PeerNetwork.Listener listener) {
            this.to = to;
            this.listener = listener;
            this.handshake = passport(to).asServer();
        }

        @Override
        public void send(byte[] request, long timeoutMs, Answer answer) {
            PeerRequest message = codec.decodeRequest(request);
            if (message instanceof PeerRequest.Hello hello) {
                reply(answer, handshake.onHello(hello).value());
            } else if (message instanceof PeerRequest.Proof proof) {
                assertThat(handshake.onProof(proof).isDone()).isTrue();
                reply(answer, new PeerReply.Accepted());
            } else {
                assertThat(message).isEqualTo(REQUEST);
                asked.add(answer);
            }
        }

        void answerAll(PeerReply reply) {
            List<Answer> answers = List.copyOf(asked);
            asked.clear();
            answers.forEach(answer -> reply(answer, reply));
        }

        private void reply(Answer answer, PeerReply reply) {
            loop.execute(() -> answer.onAnswer(codec.encode(reply)));
        }

        @Override
        public void close() {
            if (over) {
                return;
            }
            over = true;
            List<Answer> lost = List.copyOf(asked);
            asked.clear();
            loop.execute(() -> {
                lost.forEach(answer -> answer.onLost(LinkEnd.LOCAL));
                listener.onEnd(LinkEnd.LOCAL, "closed here");
            });
        }
    }
}
