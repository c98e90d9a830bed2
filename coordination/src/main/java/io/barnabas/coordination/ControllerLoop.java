package io.barnabas.coordination;

import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.controller.ControllerEvent;
import io.barnabas.coordination.controller.ControllerMachine;
import io.barnabas.coordination.store.ControllerLease;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.SessionListener;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this broker a candidate for controller, and when elected the controller. All of it happens on one loop; answers of
 * the store and requests only enqueue (CTRL-14). A term ends by the end of the session, by another's election, by a fenced
 * write or by {@link #resign()} (CTRL-12); then everything is dropped and it stands for election again.
 */
public final class ControllerLoop implements ControllerClient, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerLoop.class);

    /** After the end of another's term candidates wait a random part of this, so that they do not all try at once (CTRL-31). */
    private static final int ELECTION_SPREAD_MS = 50;

    /** Before the next try after the store has failed. */
    private static final long RETRY_MS = 500;

    private final BrokerId self;
    private final Coordination store;
    private final ControlSender sender;
    private final ControllerConfig config;
    private final EventLoop loop;
    private final Clock clock;
    private final RandomGenerator random;

    /** The term in which this broker is controller, or null. Written on the loop. */
    private volatile Tenure tenure;

    /** Asked for and not yet judged; its own lock. */
    private final List<Proposals> proposed = new ArrayList<>();

    private volatile BrokerId controller = BrokerId.NONE;
    private volatile boolean standing;
    private boolean electing;

    /** Attempts that wait for the end of the one under way. */
    private final Queue<Runnable> afterElecting = new ArrayDeque<>();

    /** Something changed while the answer of the store was awaited: what it says may be old already. */
    private boolean seekAgain;

    private boolean retryScheduled;

    /** A term has just failed: the next waits for the retry, or a store that cannot be read would see terms without end. */
    private boolean resting;

    /** @param loop used by nobody else, or shared with others who do not block it; closed by its owner */
    public ControllerLoop(
            BrokerId self,
            Coordination store,
            ControlSender sender,
            ControllerConfig config,
            EventLoop loop,
            Clock clock,
            RandomGenerator random) {
        this.self = self;
        this.store = store;
        this.sender = sender;
        this.config = config;
        this.loop = loop;
        this.clock = clock;
        this.random = random;
    }

    /** Stands for election from now on. This broker should be registered before, or it elects leaders without itself. */
    public void start() {
        standing = true;
        store.session().listen(new SessionListener() {
            @Override
            public void onExpired() {
                Tenure current = tenure;
                if (current != null) {
                    current.end(); // at once: what waits on the loop is overtaken (CTRL-14)
                }
                loop.execute(() -> endTenure(current, "the session has ended"));
            }

            @Override
            public void onConnected() {
                loop.execute(ControllerLoop.this::seek);
            }
        });
        loop.execute(this::seek);
    }

    /** Whether this broker is controller and has read the cluster. */
    public boolean isController() {
        Tenure current = tenure;
        return current != null && current.serving();
    }

    /** The controller epoch of the term for which {@link #isController()} holds; -1 if it does not. */
    public int controllerEpoch() {
        Tenure current = tenure;
        return current != null && current.serving() ? current.term().controllerEpoch() : -1;
    }

    /** The controller as last seen; {@link BrokerId#NONE} if there is none. */
    public BrokerId controller() {
        return controller;
    }

    /** Gives the office up if it is held, and stands for the next election. Any thread. */
    public CompletionStage<Void> resign() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> giveUp("asked to", done));
        return done;
    }

    /** Gives the office up and does not stand again. Does not wait; {@link Coordination#close()} frees what is still held. */
    @Override
    public void close() {
        standing = false;
        loop.execute(() -> giveUp("closing", new CompletableFuture<>()));
    }

    private void giveUp(String why, CompletableFuture<Void> done) {
        Tenure current = tenure;
        if (current == null) {
            done.complete(null);
            return;
        }
        Term term = current.term();
        endTenure(current, why);
        store.lease().release(term).whenComplete((ok, failure) -> done.complete(null));
    }

    /** Reads who is controller, watches that, and tries if nobody is. Every change leads here again. */
    private void seek() {
        if (!standing) {
            return;
        }
        if (electing) {
            seekAgain = true;
            return;
        }
        electing = true;
        seekAgain = false;
        store.lease()
                .holder(() -> loop.execute(this::seek))
                .whenComplete((holder, failure) -> loop.execute(() -> {
                    electing = false;
                    if (failure != null) {
                        retryLater("cannot read who is controller", failure);
                    } else if (seekAgain) {
                        seek();
                    } else {
                        onHolder(holder);
                    }
                    nextAttempt();
                }));
    }

    private void onHolder(ControllerLease.Holder holder) {
        if (!standing) {
            return;
        }
        BrokerId before = controller;
        Tenure current = tenure;
        if (current != null
                && (!holder.isMine() || holder.epoch() != current.term().controllerEpoch())) {
            endTenure(current, "broker " + holder.broker() + " holds the office");
        }
        controller = holder.broker();
        if (holder.isMine() && tenure == null) {
            // Ours, but of a term that we gave up: free it, and hear of that.
            store.lease().release(new Term(holder.epoch(), 0)).whenComplete((ok, failure) -> {
                if (failure != null) {
                    loop.execute(() -> retryLater("cannot give the office back", failure));
                }
            });
        } else if (holder.broker().isNone()) {
            if (before.isNone() || before.equals(self)) {
                acquire();
            } else {
                loop.schedule(this::acquire, random.nextInt(ELECTION_SPREAD_MS));
            }
        }
    }

    private void acquire() {
        if (!standing || electing || resting || tenure != null) {
            return;
        }
        electing = true;
        store.lease().acquire(self).whenComplete((attempt, failure) -> loop.execute(() -> onAttempt(attempt, failure)));
    }

    private void onAttempt(ControllerLease.Attempt attempt, Throwable failure) {
        electing = false;
        if (failure != null) {
            retryLater("cannot become controller", failure);
        } else {
            if (attempt.won()) {
                begin(attempt.term());
            }
            seek();
        }
        nextAttempt();
    }

    private void begin(Term term) {
        controller = self;
        ControllerMachine machine = new ControllerMachine(term.controllerEpoch(), self, config, random);
        Tenure[] mine = new Tenure[1];
        mine[0] = new Tenure(term, store, sender, loop, clock, machine, why -> breakOff(mine[0], why));
        tenure = mine[0];
        sender.begin(term.controllerEpoch());
        tenure.begin();
    }

    /** The term cannot go on although the session may live: free the office for whoever can. */
    private void breakOff(Tenure broken, String why) {
        if (tenure == broken) {
            endTenure(broken, why);
            resting = true;
            store.lease().release(broken.term()).whenComplete((released, failure) -> {
                if (failure != null) {
                    LOG.atWarn().setCause(failure).log("cannot give the office back; the next try will");
                }
            });
            retryLater(why, null);
        }
    }

    private void endTenure(Tenure ending, String why) {
        if (ending == null || tenure != ending) {
            return;
        }
        ending.end();
        sender.end();
        tenure = null;
        controller = BrokerId.NONE;
        LOG.atInfo()
                .addKeyValue("controllerEpoch", ending.term().controllerEpoch())
                .addKeyValue("why", why)
                .log("no longer controller");
        ending.requests().endAll();
    }

    private void retryLater(String what, Throwable failure) {
        if (!standing || retryScheduled) {
            return;
        }
        retryScheduled = true;
        LOG.atWarn().setCause(failure).addKeyValue("retryMs", RETRY_MS).log(what);
        loop.schedule(
                () -> {
                    retryScheduled = false;
                    resting = false;
                    seek();
                },
                RETRY_MS);
    }

    @Override
    public ControllerClient onBehalfOf(Caller caller) {
        return new AskedController(this, caller);
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        return ask(
                topics.size(),
                timeoutMs,
                (slot, refusal) -> TopicResult.refused(topics.get(slot).name(), refusal),
                request -> new ControllerEvent.CreateTopics(request, topics, validateOnly));
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        return ask(
                topics.size(),
                timeoutMs,
                (slot, refusal) -> TopicResult.refused(topics.get(slot).name(), refusal),
                request -> new ControllerEvent.DeleteTopics(request, topics));
    }

    @Override
    public CompletionStage<List<ConfigResult>> alterConfigs(
            List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
        return ask(
                changes.size(),
                timeoutMs,
                (slot, refusal) -> new ConfigResult(changes.get(slot).entity(), refusal),
                request -> new ControllerEvent.AlterConfigs(request, changes, validateOnly));
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        return ask(
                changes.size(),
                timeoutMs,
                (slot, refusal) -> new FeatureResult(changes.get(slot).feature(), refusal),
                request -> new ControllerEvent.UpdateFeatures(request, changes, validateOnly));
    }

    @Override
    public CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch) {
        return askOne(request -> new ControllerEvent.AskProducerIds(request, broker, brokerEpoch));
    }

    @Override
    public CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal) {
        return proposeIsrs(List.of(proposal)).thenApply(outcomes -> outcomes.get(0));
    }

    /**
     * One outcome for each, in order. What comes before the loop gets to it is judged in one turn and written together, whoever
     * asked: when a broker fails, all leaders ask at once.
     */
    public CompletionStage<List<Outcome<LeaderAndIsr>>> proposeIsrs(List<IsrProposal> proposals) {
        CompletableFuture<List<Outcome<LeaderAndIsr>>> answer = new CompletableFuture<>();
        boolean first;
        synchronized (proposed) {
            first = proposed.isEmpty();
            proposed.add(new Proposals(List.copyOf(proposals), answer));
        }
        if (first) {
            loop.execute(this::judgeProposals);
        }
        return answer;
    }

    private void judgeProposals() {
        List<Proposals> all;
        synchronized (proposed) {
            all = List.copyOf(proposed);
            proposed.clear();
        }
        Tenure current = tenure;
        List<ControllerEvent.ProposeIsrs.Asked> asked = new ArrayList<>();
        for (Proposals each : all) {
            long request = open(
                    current,
                    each.proposals().size(),
                    each.answer(),
                    slot -> Outcome.<LeaderAndIsr>refused(notController()));
            for (int index = 0; index < each.proposals().size(); index++) {
                asked.add(new ControllerEvent.ProposeIsrs.Asked(
                        request, index, each.proposals().get(index)));
            }
        }
        if (current != null && current.serving() && !asked.isEmpty()) {
            current.onLoop(() -> current.feed(new ControllerEvent.ProposeIsrs(asked)));
        }
    }

    private record Proposals(List<IsrProposal> proposals, CompletableFuture<List<Outcome<LeaderAndIsr>>> answer) {}

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        return ask(
                topics.size(),
                timeoutMs,
                (slot, refusal) -> TopicResult.refused(topics.get(slot).topic(), refusal),
                request -> new ControllerEvent.CreatePartitions(request, topics, validateOnly));
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        CompletionStage<Outcome<List<PartitionResult>>> answer = askOne(request -> {
            Tenure current = tenure;
            loop.schedule(
                    () -> current.onLoop(() -> current.feed(new ControllerEvent.ElectionExpired(request))),
                    Math.max(0, timeoutMs));
            return new ControllerEvent.ElectLeaders(request, type, partitions);
        });
        return answer.thenApply(outcome -> {
            if (outcome.isDone()) {
                return outcome.value();
            }
            if (partitions == null) {
                throw new IllegalStateException("no elections: " + outcome.refusal());
            }
            return partitions.stream()
                    .map(partition -> new PartitionResult(partition, outcome.refusal()))
                    .toList();
        });
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        return ask(
                reassignments.size(),
                timeoutMs,
                (slot, refusal) -> new PartitionResult(reassignments.get(slot).partition(), refusal),
                request -> new ControllerEvent.AlterReassignments(request, reassignments, replicationFactorMayChange));
    }

    @Override
    public CompletionStage<Outcome<Void>> directoryFailed(
            BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
        return askOne(request -> new ControllerEvent.DirectoryFailed(request, broker, brokerEpoch, partitions));
    }

    @Override
    public CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch) {
        return askOne(request -> new ControllerEvent.ShutDownBroker(request, broker, brokerEpoch));
    }

    @Override
    public void requestState(BrokerId broker, long brokerEpoch) {
        tell(new ControllerEvent.AskState(broker, brokerEpoch));
    }

    /** This registration seems to be dead though its session lives: what others can take is taken from it (FFD-04). Any thread. */
    public void suspect(BrokerId broker, long brokerEpoch) {
        tell(new ControllerEvent.BrokerSuspected(broker, brokerEpoch));
    }

    /** This registration was suspected and lives: it is told to make another (FFD-09). Any thread. */
    public void reappeared(BrokerId broker, long brokerEpoch) {
        tell(new ControllerEvent.BrokerReappeared(broker, brokerEpoch));
    }

    private void tell(ControllerEvent event) {
        loop.execute(() -> {
            Tenure current = tenure;
            if (current != null) {
                current.onLoop(() -> current.observe(event));
            }
        });
    }

    /**
     * Takes the office from a controller that seems to be dead though its session lives (FFD-13). Any thread.
     *
     * @param controllerEpoch the last term that was heard of: if there was another since, nothing happens
     * @return whether this broker is controller now
     */
    public CompletionStage<Boolean> usurp(BrokerId deposed, int controllerEpoch) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        loop.execute(() -> whenNotElecting(() -> {
            if (!standing || tenure != null || resting) {
                answer.complete(tenure != null);
                return;
            }
            LOG.atWarn()
                    .addKeyValue("broker", deposed)
                    .addKeyValue("controllerEpoch", controllerEpoch)
                    .log("the controller seems to be dead; taking its office");
            electing = true;
            store.lease()
                    .usurp(self, deposed, controllerEpoch)
                    .whenComplete((attempt, failure) -> loop.execute(() -> {
                        onAttempt(attempt, failure);
                        answer.complete(failure == null && attempt.won() && tenure != null);
                    }));
        }));
        return answer;
    }

    /** One thing at a time is asked of the store about the office, or an answer could be older than what we know. */
    private void whenNotElecting(Runnable attempt) {
        if (electing) {
            afterElecting.add(attempt);
        } else {
            attempt.run();
        }
    }

    private void nextAttempt() {
        while (!electing && !afterElecting.isEmpty()) {
            afterElecting.remove().run();
        }
    }

    /** Nothing that is asked for from outside: a client's negative timeout is over at once. */
    private static final long NEVER = Long.MIN_VALUE;

    private interface Refused<T> {
        T of(int slot, Refusal refusal);
    }

    private <T> CompletionStage<Outcome<T>> askOne(LongFunction<ControllerEvent> eventOf) {
        CompletionStage<List<Outcome<T>>> answer =
                ask(1, NEVER, (slot, refusal) -> Outcome.<T>refused(refusal), eventOf);
        return answer.thenApply(outcomes -> outcomes.get(0));
    }

    private <T> CompletionStage<List<T>> ask(
            int slots, long timeoutMs, Refused<T> refused, LongFunction<ControllerEvent> eventOf) {
        CompletableFuture<List<T>> answer = new CompletableFuture<>();
        loop.execute(() -> {
            Tenure current = tenure;
            long number = open(current, slots, answer, slot -> refused.of(slot, notController()));
            if (current == null || !current.serving()) {
                return;
            }
            Requests requests = current.requests();
            current.onLoop(() -> current.feed(eventOf.apply(number)));
            if (timeoutMs != NEVER) {
                IntFunction<T> late = slot -> refused.of(
                        slot,
                        new Refusal(Reason.REQUEST_TIMED_OUT, "not finished after " + timeoutMs + " ms; it goes on"));
                requests.expireWith(
                        number, loop.schedule(() -> requests.timeOut(number, late), Math.max(0, timeoutMs)));
            }
        });
        return answer;
    }

    /** Answered at once if there is nobody to ask. */
    private static <T> long open(
            Tenure current, int slots, CompletableFuture<List<T>> answer, IntFunction<T> unanswered) {
        boolean serving = current != null && current.serving();
        Requests requests = serving ? current.requests() : new Requests();
        long number = requests.open(slots, answer, unanswered);
        if (!serving) {
            requests.endAll();
        }
        return number;
    }

    private Refusal notController() {
        return new Refusal(Reason.NOT_CONTROLLER, "broker " + self + " is not the controller");
    }
}
